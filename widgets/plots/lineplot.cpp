#include "widgets/plots/lineplot.h"

#include "widgets/plots/legend.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace pretext {

namespace {

/// Values in the units in which the axis is straight.
double placeAlong(const LineAxis &axis, double value)
{
    return !axis.logarithmic ? value : value > 0 ? std::log10(value) : std::numeric_limits<double>::quiet_NaN();
}

struct LineRange
{
    double low = std::numeric_limits<double>::infinity(), high = -low;

    void take(double value)
    {
        if (!std::isfinite(value))
            return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool empty() const { return low > high; }
};

/// With some room around, and no narrower than the axis wishes.
LineRange widened(LineRange range, const LineAxis &axis)
{
    constexpr double kRoom = 0.04;
    if (axis.fromZero && !axis.logarithmic)
        range.take(0);
    const double least = axis.logarithmic ? std::log10(std::max(axis.least, 1.2)) : axis.least > 0 ? axis.least : 1e-9;
    const double missing = std::max(0., least - (range.high - range.low)), room = kRoom * (range.high - range.low + missing);
    const bool atZero = axis.fromZero && range.low == 0;
    return {range.low - (atZero ? 0 : missing / 2 + room), range.high + (atZero ? missing : missing / 2) + room};
}

std::vector<double> lineTicksOf(const LineAxis &axis, const LineRange &range, int count)
{
    if (!axis.logarithmic)
        return roundTicks(range.low, range.high, count);
    std::vector<double> ticks;
    const int stride = std::max(1, int(std::ceil((range.high - range.low) / std::max(1, count))));
    for (int power = int(std::ceil(range.low)); power <= int(std::floor(range.high)); power += stride)
        ticks.push_back(power);
    return ticks.size() > 1 ? ticks : std::vector<double>{range.low + 0.1 * (range.high - range.low), range.high - 0.1 * (range.high - range.low)};
}

/// A power in superscript.
QString raised(int power)
{
    QString text = QString::number(power).replace(u'-', u'⁻');
    static constexpr char16_t digits[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
    for (QChar &c : text)
        if (c.isDigit() && c.unicode() < 0x80)
            c = QChar(digits[c.digitValue()]);
    return text;
}

QString tickText(const LineAxis &axis, double tick)
{
    const double value = axis.logarithmic ? std::pow(10, tick) : std::abs(tick) < 1e-12 ? 0 : tick;
    if (axis.logarithmic && tick == std::floor(tick) && std::abs(tick) >= 4)
        return QStringLiteral("10") + raised(int(tick));
    return std::abs(value) >= 1000 && std::abs(value) < 1e7 && value == std::floor(value) ? decimalText(value, 0) : numberText(value);
}

struct LineFrame
{
    QRectF plot;
    LineRange x, y;
    QPointF at(double px, double py) const
    {
        return {plot.left() + (px - x.low) / (x.high - x.low) * plot.width(), plot.bottom() - (py - y.low) / (y.high - y.low) * plot.height()};
    }
};

void drawLineAxes(Canvas &canvas, const LineFrame &frame, const LineAxis &x, const LineAxis &y, const std::vector<double> &yTicks)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    const QRectF &plot = frame.plot;
    for (const double tick : yTicks) {
        const qreal height = frame.at(frame.x.low, tick).y();
        canvas.line({plot.left(), height}, {plot.right(), height}, theme.grid);
        canvas.text({plot.left() - 4, height}, tickText(y, tick), theme.mutedText, Align::right, kSmall);
    }
    canvas.line(plot.bottomLeft(), plot.bottomRight(), theme.mutedText);
    canvas.line(plot.topLeft(), plot.bottomLeft(), theme.mutedText);
    for (const double tick : lineTicksOf(x, frame.x, std::clamp(int(plot.width() / (5 * theme.fontSize)), 2, 8))) {
        const qreal place = frame.at(tick, frame.y.low).x();
        canvas.line({place, plot.bottom()}, {place, plot.bottom() + 3}, theme.mutedText);
        canvas.text({place, plot.bottom() + 3 + line / 2}, tickText(x, tick), theme.mutedText, Align::centre, kSmall);
    }
    canvas.text({plot.center().x(), plot.bottom() + 3 + 1.5 * line}, elided(canvas, x.title, plot.width(), kSmall), theme.mutedText, Align::centre, kSmall);
}

void drawSeries(Canvas &canvas, const LineFrame &frame, const LineAxis &x, const LineAxis &y, const LineSeries &series)
{
    std::optional<QPointF> before;
    for (const QPointF &point : series.points) {
        const double px = placeAlong(x, point.x()), py = placeAlong(y, point.y());
        if (!std::isfinite(px) || !std::isfinite(py)) {
            before.reset();
            continue;
        }
        const QPointF place = frame.at(px, py);
        if (before && (*before - place).manhattanLength() < 0.5)
            continue; // of many points in one pixel the first
        if (before)
            canvas.line(*before, place, series.colour, series.width);
        if (series.dot > 0)
            canvas.fill(QRectF(place - QPointF(series.dot, series.dot) / 2, QSizeF(series.dot, series.dot)), series.colour);
        before = place;
    }
}

/// The words of an upright one have the room up to the next, or before it where it is the last and stands far right.
void drawMarks(Canvas &canvas, const LineFrame &frame, const LineAxis &x, const LineAxis &y, const std::vector<LineMark> &marks)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), least = 5 * theme.fontSize;
    qreal end = frame.plot.right(); // of the free room
    for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
        if (!mark->upright) {
            const qreal height = frame.at(frame.x.low, placeAlong(y, mark->at)).y();
            canvas.line({frame.plot.left(), height}, {frame.plot.right(), height}, theme.mutedText);
            canvas.text({frame.plot.right(), height - line / 2}, mark->name, theme.mutedText, Align::right, kSmall);
            continue;
        }
        const qreal place = frame.at(placeAlong(x, mark->at), frame.y.low).x(), top = frame.plot.top() + line / 2;
        canvas.line({place, frame.plot.top()}, {place, frame.plot.bottom()}, theme.mutedText);
        const bool last = end == frame.plot.right();
        if (end - place > least) {
            canvas.text({place + 3, top}, elided(canvas, mark->name, end - place - 6, kSmall), theme.mutedText, Align::left, kSmall);
            end = place;
        } else if (last && place - frame.plot.left() > least) {
            const QString name = elided(canvas, mark->name, place - frame.plot.left() - 6, kSmall);
            canvas.text({place - 3, top}, name, theme.mutedText, Align::right, kSmall);
            end = place - canvas.textWidth(name, kSmall) - 6;
        }
    }
}

} // namespace

void drawLines(Canvas &canvas, const QRectF &area, const QString &title, const LineAxis &x, const LineAxis &y, const std::vector<LineSeries> &series,
               const std::vector<LineMark> &marks)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    QRectF rest = area;
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(area.topLeft(), QSizeF(area.width(), 2.2 * line)), title, theme.text, kSmall));
    std::vector<LegendEntry> entries;
    LineFrame frame;
    for (const LineSeries &one : series) {
        if (!one.name.isEmpty())
            entries.push_back({one.name, one.colour, true});
        for (const QPointF &point : one.points) {
            const double px = placeAlong(x, point.x()), py = placeAlong(y, point.y());
            if (std::isfinite(px) && std::isfinite(py)) {
                frame.x.take(px);
                frame.y.take(py);
            }
        }
    }
    if (frame.x.empty())
        return;
    for (const LineMark &mark : marks)
        mark.upright ? frame.x.take(placeAlong(x, mark.at)) : frame.y.take(placeAlong(y, mark.at));
    frame.x = widened(frame.x, x);
    frame.y = widened(frame.y, y);
    if (!entries.empty())
        rest.setTop(rest.top() + drawLegend(canvas, rest, entries) + 2);
    const std::vector<double> ticks = lineTicksOf(y, frame.y, std::clamp(int((rest.height() - 3 * line) / (1.8 * line)), 2, 6));
    qreal left = 0;
    for (const double tick : ticks)
        left = std::max(left, canvas.textWidth(tickText(y, tick), kSmall) + 6);
    frame.plot = rest.adjusted(left + (y.title.isEmpty() ? 0 : line), line / 2, -theme.spacing, -2.2 * line);
    if (frame.plot.width() < 6 * theme.fontSize || frame.plot.height() < 2 * line)
        return;
    drawLineAxes(canvas, frame, x, y, ticks);
    if (!y.title.isEmpty())
        canvas.textUp({rest.left() + line / 2, std::min(frame.plot.bottom(), frame.plot.center().y() + canvas.textWidth(y.title, kSmall) / 2)}, y.title,
                      theme.mutedText, kSmall);
    canvas.clip(frame.plot.adjusted(-3, -3, 3, 3));
    drawMarks(canvas, frame, x, y, marks);
    for (const LineSeries &one : series)
        drawSeries(canvas, frame, x, y, one);
    canvas.unclip();
}

} // namespace pretext
