#include "widgets/plots/canvas.h"

#include "widgets/plots/fontmeasure.h"

#include <atomic>
#include <cmath>

namespace pretext {

namespace {

/// The nearest edges on device pixels, at least one pixel apart.
void snap(qreal &from, qreal &to, qreal ratio)
{
    const qreal first = std::round(from * ratio);
    const qreal last = std::max(std::round(to * ratio), first + 1);
    from = first / ratio;
    to = last / ratio;
}

} // namespace

quint64 newImageKey()
{
    static std::atomic<quint64> next{quint64(1) << 40}; // below it, callers number their own images
    return next++;
}

void Canvas::fill(const QRectF &rect, const QColor &colour)
{
    if (!(rect.width() > 0 && rect.height() > 0))
        return;
    qreal left = rect.left(), right = rect.right(), top = rect.top(), bottom = rect.bottom();
    snap(left, right, devicePixelRatio());
    snap(top, bottom, devicePixelRatio());
    fillPixels(QRectF(QPointF(left, top), QPointF(right, bottom)), colour);
}

void Canvas::line(QPointF from, QPointF to, const QColor &colour, qreal width)
{
    const QPointF first(std::min(from.x(), to.x()), std::min(from.y(), to.y()));
    const QPointF last(std::max(from.x(), to.x()), std::max(from.y(), to.y()));
    if (from.x() == to.x())
        fill(QRectF(first.x() - width / 2, first.y(), width, last.y() - first.y()), colour);
    else if (from.y() == to.y())
        fill(QRectF(first.x(), first.y() - width / 2, last.x() - first.x(), width), colour);
    else
        slantedLine(from, to, colour, width);
}

void Canvas::rectangle(const QRectF &rect, const QColor &colour, qreal width)
{
    const qreal w = std::min({width, rect.width(), rect.height()});
    if (!(w > 0))
        return;
    fill(QRectF(rect.left(), rect.top(), rect.width(), w), colour);
    fill(QRectF(rect.left(), rect.bottom() - w, rect.width(), w), colour);
    fill(QRectF(rect.left(), rect.top() + w, w, rect.height() - 2 * w), colour);
    fill(QRectF(rect.right() - w, rect.top() + w, w, rect.height() - 2 * w), colour);
}

qreal Canvas::textWidth(const QString &text, qreal scale) const
{
    return FontMeasure::of(theme(), scale).width(text);
}

} // namespace pretext
