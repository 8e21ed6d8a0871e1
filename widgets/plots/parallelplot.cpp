#include "widgets/plots/parallelplot.h"

#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <QLineF>
#include <QObject>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <set>

namespace pretext {

namespace {

constexpr double kNoValue = -1; // in place of a share
constexpr qreal kGrip = 9, kReach = 6, kHalfBrush = 5;
constexpr qreal kEndOfBrush = 3;     // what a brush's end seems to touch is in it
constexpr int kDrawnOneByOne = 8000; // segments; beyond, all lines are one picture
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
    if (std::ranges::none_of(m_colours, isThere))
        return;
    const qreal width = scaleBarWidth(canvas, m_scale);
    const QRectF bar(m_area.right() - width, m_plot.top(), width, m_plot.height());
    canvas.text({m_area.right(), m_area.top() + 0.7 * m_line}, m_scaleTitle, canvas.theme().text, Align::right, kSmall);
    drawScaleBar(canvas, bar, m_scale);
}

} // namespace pretext
