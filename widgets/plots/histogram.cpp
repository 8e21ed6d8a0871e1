#include "widgets/plots/histogram.h"

#include "widgets/plots/legend.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

struct Frame
{
    QRectF plot;
    double low, high, top; // the axes' ranges

    qreal x(double value) const { return plot.left() + plot.width() * (value - low) / (high - low); }
    qreal y(double share) const { return plot.bottom() - plot.height() * share / top; }
};

void drawAxes(Canvas &canvas, const Frame &frame, const QString &title)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    for (double tick : roundTicks(0, frame.top, std::clamp(int(frame.plot.height() / (2 * line)), 1, 5))) {
        canvas.line({frame.plot.left(), frame.y(tick)}, {frame.plot.right(), frame.y(tick)}, tick == 0 ? theme.mutedText : theme.grid);
        canvas.text({frame.plot.left() - 4, frame.y(tick)}, percentText(tick), theme.mutedText, Align::right, kSmall);
    }
    for (double tick : roundTicks(frame.low, frame.high, std::clamp(int(frame.plot.width() / (5 * theme.fontSize)), 2, 10))) {
        canvas.line({frame.x(tick), frame.plot.bottom()}, {frame.x(tick), frame.plot.bottom() + 4}, theme.mutedText);
        canvas.text({frame.x(tick), frame.plot.bottom() + 4 + line / 2}, numberText(tick), theme.mutedText, Align::centre, kSmall);
    }
    canvas.text({frame.plot.center().x(), frame.plot.bottom() + 4 + 1.5 * line}, title, theme.mutedText, Align::centre, kSmall);
}

void drawBars(Canvas &canvas, const Frame &frame, const HistogramSeries &series)
{
    const double width = (frame.high - frame.low) / double(series.shares.size());
    QColor colour = series.colour;
    colour.setAlphaF(0.55f);
    for (size_t i = 0; i < series.shares.size(); ++i) {
        const qreal left = frame.x(frame.low + i * width), right = frame.x(frame.low + (i + 1) * width);
        if (series.shares[i] > 0)
            canvas.fill(QRectF(QPointF(left, frame.y(series.shares[i])), QPointF(right - 1, frame.plot.bottom())), colour);
    }
}

void drawOutline(Canvas &canvas, const Frame &frame, const HistogramSeries &series)
{
    const double width = (frame.high - frame.low) / double(series.shares.size());
    qreal before = frame.plot.bottom();
    for (size_t i = 0; i <= series.shares.size(); ++i) {
        const qreal x = frame.x(frame.low + i * width);
        const qreal y = i < series.shares.size() ? frame.y(series.shares[i]) : frame.plot.bottom();
        if (y != before)
            canvas.line({x, before}, {x, y}, series.colour, 2);
        if (i < series.shares.size() && series.shares[i] > 0)
            canvas.line({x, y}, {frame.x(frame.low + (i + 1) * width), y}, series.colour, 2);
        before = y;
    }
}

std::vector<LegendEntry> legendOf(const std::vector<HistogramSeries> &series)
{
    std::vector<LegendEntry> entries;
    for (const HistogramSeries &s : series)
        entries.push_back({std::isnan(s.mean) ? s.name : QObject::tr("%1, mean %2").arg(s.name, decimalText(s.mean, 2)), s.colour, s.outline});
    return entries;
}

} // namespace

HistogramSeries binned(const std::vector<float> &values, const std::vector<float> &weights, double low, double high, int bins)
{
    HistogramSeries series;
    series.shares.assign(bins, 0.);
    double total = 0, sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        const double weight = weights.empty() ? 1 : weights[i];
        if (std::isnan(values[i]) || std::isnan(weight))
            continue;
        const double bin = std::floor((values[i] - low) / (high - low) * bins);
        series.shares[size_t(std::clamp(bin, 0., bins - 1.))] += weight;
        total += weight;
        sum += weight * values[i];
    }
    if (total > 0) {
        series.mean = sum / total;
        for (double &share : series.shares)
            share /= total;
    }
    return series;
}

double tallest(const std::vector<HistogramSeries> &series)
{
    double top = 0;
    for (const HistogramSeries &s : series)
        for (double share : s.shares)
            top = std::max(top, share);
    return roundedUp(top);
}

void drawHistogram(Canvas &canvas, const QRectF &area, double low, double high, const QString &axisTitle, const std::vector<HistogramSeries> &series,
                   double least)
{
    const qreal line = lineHeight(canvas, kSmall);
    const double top = std::max(tallest(series), least);
    const qreal legend = drawLegend(canvas, area, legendOf(series)) + line / 2;
    const qreal left = std::max(canvas.textWidth(percentText(top), kSmall), canvas.textWidth(percentText(top / 2), kSmall)) + 6;
    const Frame frame{area.adjusted(left, legend, -line / 2, -2 * line - 6), low, high, top};
    if (frame.plot.width() < 20 || frame.plot.height() < 20)
        return;
    drawAxes(canvas, frame, axisTitle);
    for (const HistogramSeries &s : series)
        s.outline ? drawOutline(canvas, frame, s) : drawBars(canvas, frame, s);
    for (const HistogramSeries &s : series)
        if (!std::isnan(s.mean) && !s.outline)
            canvas.line({frame.x(s.mean), frame.plot.top()}, {frame.x(s.mean), frame.plot.bottom()}, s.colour, 2);
}

} // namespace pretext
