#include "widgets/plots/barplot.h"

#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

double largestShare(const std::vector<Bar> &bars)
{
    double largest = 0;
    for (const Bar &bar : bars)
        largest = std::max(largest, std::isfinite(bar.share) ? bar.share : 0);
    return largest > 0 ? std::min(1., roundedUp(largest)) : 1;
}

/// Every how many bars the name is written, so that names do not touch.
int nameStride(const Canvas &canvas, const std::vector<Bar> &bars, qreal width)
{
    qreal widest = 1;
    for (const Bar &bar : bars)
        widest = std::max(widest, canvas.textWidth(bar.name, kSmall) + canvas.theme().spacing);
    return std::max(1, int(std::ceil(widest * double(bars.size()) / std::max(1., width))));
}

} // namespace

void drawShare(Canvas &canvas, const QRectF &track, double share, const QColor &colour)
{
    canvas.fill(track, canvas.theme().grid);
    if (share > 0 && std::isfinite(share))
        canvas.fill(QRectF(track.topLeft(), QSizeF(std::max(1., track.width() * std::min(1., share)), track.height())), colour);
}

void drawBars(Canvas &canvas, const QRectF &area, const std::vector<Bar> &bars, const QString &title, const QString &axisTitle)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    const double top = largestShare(bars);
    const std::vector<double> ticks = roundTicks(0, top, std::clamp(int((area.height() - 3 * line) / (1.6 * line)), 1, 5));
    qreal left = 0;
    for (const double tick : ticks)
        left = std::max(left, canvas.textWidth(percentText(tick), kSmall) + 6);
    const QRectF plot = area.adjusted(left, 1.4 * line, -2, -2.2 * line);
    if (bars.empty() || plot.width() < 4 * theme.fontSize || plot.height() < 1.5 * line)
        return;
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, title, area.width(), kSmall), theme.text, Align::left, kSmall);
    for (const double tick : ticks) {
        const qreal y = plot.bottom() - plot.height() * tick / top;
        canvas.line({plot.left(), y}, {plot.right(), y}, tick == 0 ? theme.mutedText : theme.grid);
        canvas.text({plot.left() - 4, y}, percentText(tick), theme.mutedText, Align::right, kSmall);
    }
    const qreal step = plot.width() / double(bars.size());
    const int stride = nameStride(canvas, bars, plot.width());
    for (size_t i = 0; i < bars.size(); ++i) {
        const qreal x = plot.left() + (double(i) + 0.5) * step;
        if (std::isfinite(bars[i].share)) {
            const qreal height = std::max(1., plot.height() * std::clamp(bars[i].share, 0., top) / top);
            canvas.fill(QRectF(x - 0.38 * step, plot.bottom() - height, 0.76 * step, height), theme.accent);
        }
        if (i % stride == 0)
            canvas.text({x, plot.bottom() + 0.7 * line}, bars[i].name, theme.mutedText, Align::centre, kSmall);
    }
    canvas.text({plot.center().x(), plot.bottom() + 1.7 * line}, elided(canvas, axisTitle, area.width(), kSmall), theme.mutedText, Align::centre, kSmall);
}

} // namespace pretext
