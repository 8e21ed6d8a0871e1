#include "widgets/plots/scalebar.h"

#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <vector>

namespace pretext {

namespace {

constexpr qreal kBar = 12, kTick = 4, kTextScale = 0.85;

std::vector<double> ticksOf(const ColourScale &scale, qreal height, qreal line)
{
    if (scale.low == scale.high)
        return {scale.low};
    return roundTicks(scale.low, scale.high, std::clamp(int(height / (2.2 * line)), 1, 8));
}

QString label(double tick, const ColourScale &scale)
{
    if (scale.low == scale.high) // no round number
        return scale.percent ? decimalText(100 * tick, 1) + QStringLiteral(" %") : numberText(tick, 4);
    return scale.percent ? percentText(tick) : numberText(tick);
}

/// One texture for each map, whatever its range.
CanvasImage barImage(ColourMap map)
{
    constexpr int kRows = 256;
    static const quint64 keys[] = {newImageKey(), newImageKey()};
    QImage image(1, kRows, QImage::Format_ARGB32);
    for (int y = 0; y < kRows; ++y)
        image.setPixel(0, y, colourAt(map, 1 - y / double(kRows - 1)));
    return {keys[map == ColourMap::sequential], 1, image};
}

} // namespace

qreal scaleBarWidth(const Canvas &canvas, const ColourScale &scale)
{
    qreal widest = 0;
    for (double tick : ticksOf(scale, 400, lineHeight(canvas, kTextScale)))
        widest = std::max(widest, canvas.textWidth(label(tick, scale), kTextScale));
    return kBar + kTick + 3 + widest;
}

void drawScaleBar(Canvas &canvas, const QRectF &area, const ColourScale &scale)
{
    const Theme &theme = canvas.theme();
    if (area.height() < 2 * lineHeight(canvas, kTextScale))
        return;
    const QRectF bar(area.left(), area.top(), kBar, area.height());
    if (scale.low == scale.high)
        canvas.fill(bar, QColor::fromRgba(scale.colour(scale.low)));
    else
        canvas.image(bar, barImage(scale.map));
    canvas.rectangle(bar, theme.grid);
    const qreal half = lineHeight(canvas, kTextScale) / 2;
    for (double tick : ticksOf(scale, area.height(), 2 * half)) {
        const double share = scale.low == scale.high ? 0.5 : (tick - scale.low) / (scale.high - scale.low);
        const qreal y = bar.bottom() - bar.height() * share;
        const qreal from = scale.map == ColourMap::diverging && tick == 0 ? bar.left() : bar.right();
        canvas.line(QPointF(from, y), QPointF(bar.right() + kTick, y), theme.mutedText);
        canvas.text(QPointF(bar.right() + kTick + 3, std::clamp(y, area.top() + half, area.bottom() - half)), label(tick, scale), theme.text, Align::left,
                    kTextScale);
    }
}

} // namespace pretext
