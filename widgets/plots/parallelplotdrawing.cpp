// Parallel coordinates on a canvas: lines, or one picture of thousands, under axes with their names, ticks and brushes.
#include "widgets/plots/parallelplot.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <QObject>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pretext {

namespace {

constexpr qreal kHalfBrush = 5;
constexpr int kDrawnOneByOne = 8000; // segments; beyond, all lines are one picture

} // namespace

/// Each as lines of the canvas, so that they stay lines in an SVG.
void ParallelPlot::drawLines(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    for (const bool front : {false, true})
        for (int line = 0; line < lines(); ++line) {
            if (isInFront(line) != front)
                continue;
            QColor colour = front ? QColor::fromRgba(colourOf(line, theme)) : theme.grid;
            for (int axis = 0; axis + 1 < axes(); ++axis)
                canvas.line(point(axis, line), point(axis + 1, line), colour, front ? 1.5 : 1);
        }
}

/// Thousands: in a picture that is kept until something changes.
void ParallelPlot::drawImage(Canvas &canvas)
{
    const qreal ratio = canvas.devicePixelRatio();
    const QRectF area = m_plot.adjusted(-2, -2, 2, 2 * m_line);
    const QSize size(int(area.width() * ratio), int(area.height() * ratio));
    if (size.isEmpty())
        return;
    if (m_stale || size != m_imageSize) {
        QImage image(size, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        painter.scale(ratio, ratio);
        painter.translate(-area.topLeft());
        std::vector<QPointF> points(m_axes.size());
        for (const bool front : {false, true})
            for (int line = 0; line < lines(); ++line) {
                if (isInFront(line) != front)
                    continue;
                for (int axis = 0; axis < axes(); ++axis)
                    points[size_t(axis)] = point(axis, line);
                QColor colour = front ? QColor::fromRgba(colourOf(line, canvas.theme())) : canvas.theme().grid;
                colour.setAlpha(front ? 160 : 90);
                painter.setPen(QPen(colour, 0));
                painter.drawPolyline(points.data(), int(points.size()));
            }
        painter.end();
        m_image.image = image.convertToFormat(QImage::Format_ARGB32);
        ++m_image.version;
        m_imageSize = size;
        m_stale = false;
    }
    canvas.image(area, m_image);
}

void ParallelPlot::drawAxis(Canvas &canvas, size_t at) const
{
    const Theme &theme = canvas.theme();
    const ParallelAxis &axis = m_axes[at];
    const qreal x = placeOf(at), apart = m_axes.size() < 2 ? m_plot.width() : m_plot.width() / qreal(m_axes.size() - 1);
    canvas.line({x, m_plot.top()}, {x, m_plot.bottom()}, theme.text);
    const auto label = [&](qreal y, const QString &whole) {
        const QString text = apart - kGrip < 1.5 * m_line ? QString() : elided(canvas, whole, apart - kGrip, kSmall); // else over the axis before
        const qreal width = canvas.textWidth(text, kSmall);
        QColor behind = theme.background;
        behind.setAlpha(190);
        canvas.fill({x - 6 - width, y - m_line / 2, width + 2, m_line}, behind);
        canvas.line({x - 3, y}, {x, y}, theme.text);
        canvas.text({x - 5, y}, text, theme.text, Align::right, kSmall);
    };
    qreal before = std::numeric_limits<qreal>::infinity();
    const auto ticks = ticksOf(at);
    for (const auto &[value, text] : ticks) {
        const qreal y = heightOf(shareOf(at, value));
        const bool last = value == ticks.back().first;
        if (before - y < m_line && !last)
            continue; // no room
        if (last && before - y < m_line && before != m_plot.bottom())
            continue;
        label(y, text);
        before = y;
    }
    if (m_scales[at].lacks) {
        canvas.line({x - 3, heightOf(kNoValue)}, {x + 3, heightOf(kNoValue)}, theme.text);
        label(heightOf(kNoValue), QObject::tr("none"));
    }
    const QString name = elided(canvas, axis.name, (m_twoRows ? 2 : 1) * apart - 4, kSmall);
    canvas.text({x, m_area.top() + m_line * (m_twoRows && at % 2 == 0 ? 0.6 : m_twoRows ? 1.7 : 0.7)}, name, theme.text, Align::centre, kSmall);
    const auto brushes = m_brushes.find(axis.name);
    if (brushes == m_brushes.end())
        return;
    for (const Brush &brush : brushes->second) {
        const qreal top = heightOf(brush.high), bottom = heightOf(brush.low);
        QColor inside = theme.accent;
        inside.setAlpha(90);
        const QRectF box(x - kHalfBrush, top - 1.5, 2 * kHalfBrush, bottom - top + 3);
        canvas.fill(box, inside);
        canvas.rectangle(box, theme.accent);
    }
}

void ParallelPlot::draw(Canvas &canvas, int hovered)
{
    if (m_axes.empty() || m_plot.width() < 4 * m_line || m_plot.height() < 2 * m_line)
        return;
    if (lines() * std::max(1, axes() - 1) <= kDrawnOneByOne)
        drawLines(canvas);
    else
        drawImage(canvas);
    if (hovered >= 0 && hovered < lines())
        for (int axis = 0; axis + 1 < axes(); ++axis)
            canvas.line(point(axis, hovered), point(axis + 1, hovered), canvas.theme().text, 3);
    for (size_t axis = 0; axis < m_axes.size(); ++axis)
        drawAxis(canvas, axis);
    if (std::ranges::all_of(m_colours, [](double value) { return std::isnan(value); }))
        return;
    const qreal width = scaleBarWidth(canvas, m_scale);
    const QRectF bar(m_area.right() - width, m_plot.top(), width, m_plot.height());
    canvas.text({m_area.right(), m_area.top() + 0.7 * m_line}, m_scaleTitle, canvas.theme().text, Align::right, kSmall);
    drawScaleBar(canvas, bar, m_scale);
}

} // namespace pretext
