#include "widgets/plots/tokenmark.h"

#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr qreal kFrame = 2, kDash = 4;

QColor markColour(const Theme &theme, TokenMark mark)
{
    switch (mark) {
    case TokenMark::replaced:
    case TokenMark::differs: return labelColour(5);   // vermilion
    case TokenMark::unchanged: return labelColour(2); // bluish green
    case TokenMark::inserted:
    case TokenMark::moved: return labelColour(1);   // sky blue
    case TokenMark::deleted: return labelColour(6); // reddish purple
    case TokenMark::generated: return theme.accent;
    default: return theme.text;
    }
}

void drawDashes(Canvas &canvas, const QRectF &box, const QColor &colour)
{
    for (qreal x = box.left(); x < box.right(); x += 2 * kDash) {
        const qreal length = std::min(kDash, box.right() - x);
        canvas.fill(QRectF(x, box.top(), length, kFrame), colour);
        canvas.fill(QRectF(x, box.bottom() - kFrame, length, kFrame), colour);
    }
    for (qreal y = box.top(); y < box.bottom(); y += 2 * kDash) {
        const qreal length = std::min(kDash, box.bottom() - y);
        canvas.fill(QRectF(box.left(), y, kFrame, length), colour);
        canvas.fill(QRectF(box.right() - kFrame, y, kFrame, length), colour);
    }
}

void drawCorners(Canvas &canvas, const QRectF &box, const QColor &colour)
{
    const qreal length = std::min({1.5 * kDash, box.width() / 2, box.height() / 2});
    for (const qreal x : {box.left(), box.right() - length})
        for (const qreal y : {box.top(), box.bottom() - kFrame})
            canvas.fill(QRectF(x, y, length, kFrame), colour);
    for (const qreal x : {box.left(), box.right() - kFrame})
        for (const qreal y : {box.top(), box.bottom() - length})
            canvas.fill(QRectF(x, y, kFrame, length), colour);
}

} // namespace

void drawMarkShade(Canvas &canvas, const QRectF &box, TokenMark mark)
{
    if (mark != TokenMark::masked)
        return;
    QColor shade = canvas.theme().text;
    shade.setAlphaF(0.14f);
    canvas.fill(box, shade);
}

void drawMark(Canvas &canvas, const QRectF &box, TokenMark mark)
{
    const QColor colour = markColour(canvas.theme(), mark);
    switch (mark) {
    case TokenMark::none:
    case TokenMark::special: return;
    case TokenMark::masked:
    case TokenMark::replaced: canvas.rectangle(box, colour, kFrame); return;
    case TokenMark::unchanged:
    case TokenMark::inserted: drawDashes(canvas, box, colour); return;
    case TokenMark::moved: drawCorners(canvas, box, colour); return;
    case TokenMark::deleted: canvas.fill(QRectF(box.left(), box.center().y() - kFrame / 2, box.width(), kFrame), colour); return;
    case TokenMark::differs: canvas.fill(QRectF(box.left(), box.bottom() - 1.5 * kFrame, box.width(), 1.5 * kFrame), colour); return;
    case TokenMark::generated: canvas.fill(QRectF(box.left(), box.bottom() - 1, box.width(), 1), colour); return;
    }
}

QColor inkOn(const QColor &tint)
{
    // Relative luminance (WCAG 2): black reads better above 0.18.
    const auto linear = [](double value) { return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4); };
    const double luminance = 0.2126 * linear(tint.redF()) + 0.7152 * linear(tint.greenF()) + 0.0722 * linear(tint.blueF());
    return luminance > 0.18 ? Qt::black : Qt::white;
}

qreal drawMarkLegend(Canvas &canvas, const QRectF &area, const std::vector<std::pair<TokenMark, QString>> &marks, bool measureOnly)
{
    const qreal line = lineHeight(canvas, kSmall), side = 0.7 * line;
    qreal x = area.left(), y = area.top();
    for (const auto &[mark, name] : marks) {
        const QString shown = elided(canvas, name, area.width() - 2 * side, kSmall);
        const qreal width = 1.7 * side + canvas.textWidth(shown, kSmall);
        if (x > area.left() && x + width > area.right()) {
            x = area.left();
            y += line;
        }
        if (!measureOnly) {
            const QRectF box(x, y + (line - side) / 2, 1.3 * side, side);
            drawMarkShade(canvas, box, mark);
            drawMark(canvas, box, mark);
            canvas.text({box.right() + 0.4 * side, y + line / 2}, shown, canvas.theme().mutedText, Align::left, kSmall);
        }
        x += width + line;
    }
    return marks.empty() ? 0 : y + line - area.top();
}

void drawTintLegend(Canvas &canvas, const QRectF &area, const ColourScale &scale, const QString &title)
{
    constexpr int kSteps = 24;
    const Theme &theme = canvas.theme();
    const qreal y = area.center().y(), gap = theme.spacing;
    const auto number = [&](double value) { return scale.percent ? percentText(value) : numberText(value); };
    const QString low = title + u' ' + number(scale.low), high = number(scale.high);
    const qreal left = area.left() + canvas.textWidth(low, kSmall) + gap;
    const qreal right = std::min(area.right() - canvas.textWidth(high, kSmall) - gap, left + 8 * theme.fontSize);
    if (right - left < theme.fontSize)
        return;
    canvas.text({area.left(), y}, low, theme.mutedText, Align::left, kSmall);
    const qreal height = 0.55 * lineHeight(canvas, kSmall), step = (right - left) / kSteps;
    for (int i = 0; i < kSteps; ++i)
        canvas.fill(QRectF(left + i * step, y - height / 2, step, height), QColor::fromRgb(colourAt(scale.map, (i + 0.5) / kSteps)));
    canvas.text({right + gap, y}, high, theme.mutedText, Align::left, kSmall);
}

} // namespace pretext
