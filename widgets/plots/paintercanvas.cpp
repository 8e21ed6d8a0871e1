#include "widgets/plots/paintercanvas.h"

#include "widgets/plots/fontmeasure.h"

#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>

#include <cmath>

namespace pretext {

PainterCanvas::PainterCanvas(QPainter &painter, const QSizeF &size, const Theme &theme) : m_painter(painter), m_size(size), m_theme(theme)
{
    m_painter.save();
    const QPaintEngine *engine = m_painter.paintEngine();
    m_vector = engine && engine->type() != QPaintEngine::Raster && engine->type() != QPaintEngine::OpenGL2;
    if (!m_vector)
        m_ratio = m_painter.device()->devicePixelRatioF();
    m_painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    m_painter.setRenderHint(QPainter::TextAntialiasing);
    fill(QRectF(QPointF(), size), theme.background);
}

PainterCanvas::~PainterCanvas()
{
    m_painter.restore();
}

void PainterCanvas::fillPixels(const QRectF &rect, const QColor &colour)
{
    m_painter.fillRect(rect, colour);
}

void PainterCanvas::slantedLine(QPointF from, QPointF to, const QColor &colour, qreal width)
{
    m_painter.setRenderHint(QPainter::Antialiasing);
    m_painter.setPen(QPen(colour, width));
    m_painter.drawLine(from, to);
    m_painter.setRenderHint(QPainter::Antialiasing, false);
}

void PainterCanvas::text(QPointF position, const QString &text, const QColor &colour, Align align, qreal scale)
{
    const FontMeasure &measure = FontMeasure::of(m_theme, scale);
    const QFontMetricsF &metrics = measure.metrics();
    const qreal width = align == Align::left ? 0 : measure.width(text);
    const qreal x = position.x() - (align == Align::centre ? width / 2 : width);
    m_painter.setFont(measure.font());
    m_painter.setPen(colour);
    m_painter.drawText(QPointF(std::round(x), std::round(position.y() + (metrics.ascent() - metrics.descent()) / 2)), text);
}

void PainterCanvas::textUp(QPointF position, const QString &text, const QColor &colour, qreal scale)
{
    const FontMeasure &measure = FontMeasure::of(m_theme, scale);
    const QFontMetricsF &metrics = measure.metrics();
    m_painter.save();
    m_painter.setFont(measure.font());
    m_painter.setPen(colour);
    m_painter.translate(std::round(position.x() + (metrics.ascent() - metrics.descent()) / 2), std::round(position.y()));
    m_painter.rotate(-90);
    m_painter.drawText(QPointF(), text);
    m_painter.restore();
}

void PainterCanvas::image(const QRectF &target, const CanvasImage &image, const QRectF &source)
{
    const QRectF from = source.isEmpty() ? QRectF(image.image.rect()) : source;
    if (!m_vector) {
        m_painter.drawImage(target, image.image, from);
        return;
    }
    const QRect whole = from.toAlignedRect();
    const int factor = std::clamp(int(std::ceil(3 * target.width() / std::max(1, whole.width()))), 1, 32);
    const QImage enlarged = image.image.copy(whole).scaled(whole.size() * factor);
    m_painter.drawImage(target, enlarged, QRectF((from.topLeft() - whole.topLeft()) * factor, from.size() * factor));
}

void PainterCanvas::clip(const QRectF &rect)
{
    m_painter.save();
    m_painter.setClipRect(rect, Qt::IntersectClip);
}

void PainterCanvas::unclip()
{
    m_painter.restore();
}

} // namespace pretext
