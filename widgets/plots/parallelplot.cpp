#include "widgets/plots/parallelplot.h"

#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <QLineF>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <set>

namespace pretext {

namespace {

constexpr qreal kReach = 6;
constexpr qreal kEndOfBrush = 3;     // what a brush's end seems to touch is in it
constexpr size_t kTicksOfValues = 7; // so few values have a tick each

bool isThere(double value)
{
    return !std::isnan(value);
}

qreal distanceFrom(QPointF position, QPointF from, QPointF to)
{
    const QPointF along = to - from;
    const qreal length = QPointF::dotProduct(along, along);
    const qreal share = length > 0 ? std::clamp(QPointF::dotProduct(position - from, along) / length, 0., 1.) : 0;
    return QLineF(position, from + share * along).length();
}

} // namespace

void ParallelPlot::setLines(std::vector<ParallelAxis> axes, std::vector<double> colours, const ColourScale &scale, const QString &scaleTitle)
{
    QStringList order;
    for (const ParallelAxis &axis : m_axes)
        order << axis.name;
    std::ranges::stable_sort(axes, {}, [&](const ParallelAxis &axis) { // those that are new come last
        const qsizetype before = order.indexOf(axis.name);
        return before < 0 ? std::numeric_limits<qsizetype>::max() : before;
    });
    m_axes = std::move(axes);
    m_colours = std::move(colours);
    m_scale = scale;
    m_scaleTitle = scaleTitle;
    m_marked.clear();
    m_scales.clear();
    std::map<QString, std::vector<Brush>> kept;
    for (const ParallelAxis &axis : m_axes) {
        Scale found{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
        for (const double value : axis.values) {
            found.lacks |= !isThere(value);
            if (isThere(value)) {
                found.low = std::min(found.low, value);
                found.high = std::max(found.high, value);
            }
        }
        m_scales.push_back(found);
        if (const auto brushes = m_brushes.find(axis.name); brushes != m_brushes.end())
            kept.insert(*brushes);
    }
    m_brushes = std::move(kept);
    m_drag.reset();
    m_stale = true;
}

void ParallelPlot::mark(std::vector<bool> lines)
{
    if (lines == m_marked)
        return;
    m_marked = std::move(lines);
    m_stale = true;
}

double ParallelPlot::shareOf(size_t axis, double value) const
{
    const Scale &scale = m_scales[axis];
    if (!isThere(value))
        return kNoValue;
    if (!(scale.high > scale.low))
        return 0.5;
    if (m_axes[axis].logarithmic && scale.low > 0)
        return std::log(value / scale.low) / std::log(scale.high / scale.low);
    return (value - scale.low) / (scale.high - scale.low);
}

/// Below the axis is the tick of those without a value.
qreal ParallelPlot::heightOf(double share) const
{
    return share == kNoValue ? m_plot.bottom() + 1.5 * m_line : m_plot.bottom() - share * m_plot.height();
}

double ParallelPlot::shareAt(size_t axis, qreal y) const
{
    if (m_scales[axis].lacks && y > m_plot.bottom() + 0.75 * m_line)
        return kNoValue;
    return std::clamp((m_plot.bottom() - y) / std::max(1., m_plot.height()), 0., 1.);
}

qreal ParallelPlot::placeOf(size_t axis) const
{
    return m_axes.size() < 2 ? m_plot.center().x() : m_plot.left() + m_plot.width() * double(axis) / double(m_axes.size() - 1);
}

QPointF ParallelPlot::point(int axis, int line) const
{
    return {placeOf(size_t(axis)), heightOf(shareOf(size_t(axis), m_axes[size_t(axis)].values[size_t(line)]))};
}

bool ParallelPlot::passes(int line) const
{
    for (size_t axis = 0; axis < m_axes.size(); ++axis) {
        const auto brushes = m_brushes.find(m_axes[axis].name);
        if (brushes == m_brushes.end())
            continue;
        const double share = shareOf(axis, m_axes[axis].values[size_t(line)]);
        const double end = kEndOfBrush / std::max(1., m_plot.height());
        if (!std::ranges::any_of(brushes->second, [&](const Brush &brush) { return share >= brush.low - end && share <= brush.high + end; }))
            return false;
    }
    return true;
}

void ParallelPlot::clearBrushes()
{
    m_stale |= isBrushed();
    m_brushes.clear();
}

bool ParallelPlot::isInFront(int line) const
{
    return isBrushed() ? passes(line) : m_marked.empty() || m_marked[size_t(line)];
}

QRgb ParallelPlot::colourOf(int line, const Theme &theme) const
{
    const double value = m_colours[size_t(line)];
    return isThere(value) ? m_scale.colour(value) : theme.mutedText.rgba();
}

int ParallelPlot::axisAt(QPointF position) const
{
    if (position.y() < m_plot.top() - 0.65 * m_line || position.y() > m_plot.bottom() + 2.5 * m_line)
        return -1;
    for (size_t axis = 0; axis < m_axes.size(); ++axis)
        if (std::abs(position.x() - placeOf(axis)) <= kGrip)
            return int(axis);
    return -1;
}

int ParallelPlot::nameAt(QPointF position) const
{
    if (position.y() < m_area.top() || position.y() >= m_plot.top() - 0.65 * m_line || m_axes.empty())
        return -1;
    const qreal apart = m_axes.size() < 2 ? m_plot.width() : m_plot.width() / qreal(m_axes.size() - 1);
    const int axis = int(std::lround((position.x() - m_plot.left()) / std::max(1., apart)));
    return axis >= 0 && axis < axes() ? axis : -1;
}

int ParallelPlot::lineAt(QPointF position) const
{
    const auto right = size_t(std::ranges::count_if(std::views::iota(size_t(0), m_axes.size()), [&](size_t axis) { return placeOf(axis) <= position.x(); }));
    if (right == 0 || right >= m_axes.size())
        return -1;
    int nearest = -1;
    qreal least = kReach;
    for (int line = 0; line < lines(); ++line) {
        if (!isInFront(line))
            continue;
        const qreal distance = distanceFrom(position, point(int(right) - 1, line), point(int(right), line));
        if (distance < least) {
            least = distance;
            nearest = line;
        }
    }
    return nearest;
}

void ParallelPlot::beginDrag(QPointF from)
{
    m_drag = Drag{from};
    if (const int name = nameAt(from); name >= 0) {
        m_drag->axis = name;
        m_drag->ofName = true;
        return;
    }
    m_drag->axis = axisAt(from);
    if (m_drag->axis < 0)
        return;
    const auto axis = size_t(m_drag->axis);
    std::vector<Brush> &brushes = m_brushes[m_axes[axis].name];
    const double at = shareAt(axis, from.y());
    const auto within = std::ranges::find_if(brushes, [&](const Brush &brush) { return at >= brush.low && at <= brush.high; });
    m_drag->moves = within != brushes.end();
    m_drag->brush = size_t(within - brushes.begin());
    if (!m_drag->moves)
        brushes.push_back({at, at});
    m_drag->before = brushes[m_drag->brush];
}

void ParallelPlot::drag(QPointF from, QPointF to)
{
    if (!m_drag || m_drag->from != from)
        beginDrag(from);
    if (m_drag->axis < 0)
        return;
    m_stale = true;
    const auto axis = size_t(m_drag->axis);
    if (m_drag->ofName) {
        const qreal apart = m_axes.size() < 2 ? 1 : m_plot.width() / qreal(m_axes.size() - 1);
        const auto target = size_t(std::clamp<long>(std::lround((to.x() - m_plot.left()) / std::max(1., apart)), 0, long(m_axes.size()) - 1));
        for (size_t at = axis; at != target; at += at < target ? 1 : size_t(-1)) { // so that the others keep their order
            const size_t next = at < target ? at + 1 : at - 1;
            std::swap(m_axes[at], m_axes[next]);
            std::swap(m_scales[at], m_scales[next]);
        }
        m_drag->axis = int(target);
        return;
    }
    Brush &brush = m_brushes[m_axes[axis].name][m_drag->brush];
    if (m_drag->moves && m_drag->before.low != kNoValue) {
        const double width = m_drag->before.high - m_drag->before.low;
        const double change = (from.y() - to.y()) / std::max(1., m_plot.height());
        brush.low = std::clamp(m_drag->before.low + change, 0., 1 - width);
        brush.high = brush.low + width;
    } else if (!m_drag->moves) {
        const double at = shareAt(axis, to.y());
        brush = {std::min(m_drag->before.low, at), std::max(m_drag->before.low, at)};
    }
}

void ParallelPlot::clearAt(QPointF position)
{
    m_stale = true;
    const int axis = axisAt(position) >= 0 ? axisAt(position) : nameAt(position);
    if (axis < 0)
        m_brushes.clear();
    else
        m_brushes.erase(m_axes[size_t(axis)].name);
}

std::vector<std::pair<double, QString>> ParallelPlot::ticksOf(size_t at) const
{
    const ParallelAxis &axis = m_axes[at];
    const Scale &scale = m_scales[at];
    std::vector<std::pair<double, QString>> ticks;
    if (scale.low > scale.high)
        return ticks;
    const auto text = [&](double value) {
        return axis.percent ? percentText(value) : numberText(value, std::abs(value) >= 1000 && std::abs(value) < 1e6 ? 7 : 3);
    };
    if (!axis.names.isEmpty()) {
        for (int i = 0; i < axis.names.size(); ++i)
            ticks.emplace_back(i, axis.names[i]);
        return ticks;
    }
    std::set<double> values;
    for (const double value : axis.values)
        if (isThere(value) && values.size() <= kTicksOfValues)
            values.insert(value);
    const int count = std::clamp(int(m_plot.height() / (2 * m_line)), 2, 6);
    if (values.size() > kTicksOfValues && axis.logarithmic && scale.low > 0) {
        values = {scale.low, scale.high};
        for (double power = std::pow(10, std::floor(std::log10(scale.low))); power <= scale.high; power *= 10)
            for (const double factor : {1., 2., 5.})
                if (power * factor > scale.low && power * factor < scale.high)
                    values.insert(power * factor);
    } else if (values.size() > kTicksOfValues) {
        const std::vector<double> round = roundTicks(scale.low, scale.high, count);
        values = std::set<double>(round.begin(), round.end());
    }
    for (const double value : values)
        ticks.emplace_back(value, text(std::abs(value) < 1e-12 ? 0 : value));
    return ticks;
}

QString ParallelPlot::valueText(int at, int line) const
{
    const ParallelAxis &axis = m_axes[size_t(at)];
    const double value = axis.values[size_t(line)];
    if (!isThere(value))
        return QStringLiteral("–");
    if (!axis.names.isEmpty())
        return axis.names.value(int(value));
    return axis.percent ? percentText(value) : numberText(value, 6);
}

void ParallelPlot::place(const QRectF &area, const Canvas &canvas)
{
    m_line = lineHeight(canvas, kSmall);
    qreal left = 2 * kGrip, widest = 0;
    const qreal bar = std::ranges::any_of(m_colours, isThere) ? scaleBarWidth(canvas, m_scale) + 3 * canvas.theme().spacing : 0;
    if (!m_axes.empty())
        for (const auto &[value, text] : ticksOf(0))
            left = std::max(left, std::min(area.width() / 6, canvas.textWidth(text, kSmall) + kGrip));
    for (const ParallelAxis &axis : m_axes)
        widest = std::max(widest, canvas.textWidth(axis.name, kSmall));
    if (!m_axes.empty())
        left = std::max(left, canvas.textWidth(m_axes.front().name, kSmall) / 2 + 2);
    const qreal right = m_axes.empty() ? 0 : canvas.textWidth(m_axes.back().name, kSmall) / 2 + 2;
    const qreal width = area.width() - left - right - bar;
    m_twoRows = m_axes.size() > 1 && widest + 6 > width / qreal(m_axes.size() - 1);
    const bool lacks = std::ranges::any_of(m_scales, &Scale::lacks);
    const QRectF plot(area.left() + left, area.top() + (m_twoRows ? 2.8 : 1.8) * m_line, std::max(1., width),
                      std::max(1., area.height() - (m_twoRows ? 2.8 : 1.8) * m_line - (lacks ? 2.2 : 0.7) * m_line));
    m_stale |= plot != m_plot;
    m_area = area;
    m_plot = plot;
}

} // namespace pretext
