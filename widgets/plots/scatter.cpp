#include "widgets/plots/scatter.h"

#include "widgets/plots/scatterraster.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

constexpr qreal kMargin = 0.06; // around all points, of their extent
constexpr qreal kLargestZoom = 400, kLeastZoom = 0.5;
constexpr qreal kTicksApart = 6; // numbers of the x axis, in font sizes

bool isFinite(QPointF point)
{
    return std::isfinite(point.x()) && std::isfinite(point.y());
}

/// Of the finite ones; empty where there are none.
std::optional<QRectF> extentOf(const std::vector<QPointF> &points)
{
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    double left = kInfinite, right = -kInfinite, low = kInfinite, high = -kInfinite;
    for (const QPointF point : points)
        if (isFinite(point)) {
            left = std::min(left, point.x());
            right = std::max(right, point.x());
            low = std::min(low, point.y());
            high = std::max(high, point.y());
        }
    if (left > right)
        return {};
    const double extent = std::max(right - left, high - low), around = extent > 0 ? std::max(kMargin * extent, 1e-9) : 1; // one point is in the middle
    return QRectF(QPointF(left - around, low - around), QPointF(right + around, high + around));
}

QString fitting(const Canvas &canvas, const Scatter::AxisName &axis, qreal room)
{
    return canvas.textWidth(axis.name, kSmall) <= room ? axis.name : elided(canvas, axis.brief, room, kSmall);
}

qreal squared(QPointF p)
{
    return QPointF::dotProduct(p, p);
}

} // namespace

void Scatter::setPoints(std::vector<QPointF> points, std::vector<QRgb> colours, std::vector<uint8_t> depths)
{
    if (!depths.empty() && points.size() != depths.size())
        throw std::invalid_argument("[scatter] " + std::to_string(points.size()) + " points but " + std::to_string(depths.size()) + " depths");
    adopt(std::move(points), std::move(colours), std::move(depths), {});
}

void Scatter::setPoints(std::vector<QPointF> points, std::vector<QRgb> colours, Space space)
{
    if (points.size() != space.depths.size())
        throw std::invalid_argument("[scatter] " + std::to_string(points.size()) + " points but " + std::to_string(space.depths.size()) + " depths");
    adopt(std::move(points), std::move(colours), std::move(space.depths), space.home);
}

void Scatter::adopt(std::vector<QPointF> points, std::vector<QRgb> colours, std::vector<uint8_t> depths, const QRectF &home)
{
    if (points.size() != colours.size())
        throw std::invalid_argument("[scatter] " + std::to_string(points.size()) + " points but " + std::to_string(colours.size()) + " colours");
    const bool first = m_points.empty();
    m_points = std::move(points);
    m_colours = std::move(colours);
    m_depths = std::move(depths);
    m_drawn = {};
    if (const bool whole = m_zoom == 1 && m_centre == m_home.center(); home.isEmpty()) {
        fitHome(first);
    } else if (home != m_home) {
        m_home = home;
        if (whole)
            m_centre = home.center();
    }
    first ? resetView() : clampView();
}

void Scatter::setAxes(const AxisName &x, const AxisName &y)
{
    m_x = x;
    m_y = y;
    m_measured = true;
}

void Scatter::setNoAxes(const AxisName &foot)
{
    m_x = foot;
    m_y = {};
    m_measured = false;
}

void Scatter::clear()
{
    m_points.clear();
    m_colours.clear();
    m_depths.clear();
    m_drawn = {};
}

void Scatter::fitHome(bool anew)
{
    const auto extent = extentOf(m_points);
    if (!extent || (!anew && m_home.contains(*extent) && std::max(extent->width() / m_home.width(), extent->height() / m_home.height()) > 0.5))
        return;
    const bool whole = m_zoom == 1 && m_centre == m_home.center();
    m_home = *extent;
    if (whole)
        m_centre = m_home.center();
}

qreal Scatter::scale() const
{
    return m_zoom * std::min(m_rect.width() / m_home.width(), m_rect.height() / m_home.height());
}

QPointF Scatter::toCanvas(QPointF point) const
{
    const QPointF from = (point - m_centre) * scale();
    return m_rect.center() + QPointF(from.x(), -from.y());
}

QPointF Scatter::toPoint(QPointF position) const
{
    const QPointF from = (position - m_rect.center()) / scale();
    return m_centre + QPointF(from.x(), -from.y());
}

void Scatter::place(const QRectF &area, const Canvas &canvas)
{
    const qreal line = lineHeight(canvas, kSmall), numbers = canvas.textWidth(QStringLiteral("−0.000"), kSmall) + 6;
    const qreal ratio = canvas.devicePixelRatio();
    const auto whole = [ratio](qreal x) { return std::round(x * ratio) / ratio; }; // a picture's pixel is one of the screen
    const QRectF inner = m_measured ? area.adjusted(line + numbers, 0, -1, -2.2 * line - 4) : area.adjusted(0, 0, -1, -1.1 * line - 4);
    m_rect =
        inner.width() < 20 || inner.height() < 20 ? QRectF() : QRectF(whole(inner.left()), whole(inner.top()), whole(inner.width()), whole(inner.height()));
    const qreal room = std::sqrt(m_rect.width() * m_rect.height() / std::max(1, count())); // a point's own, were they spread evenly
    m_radius = std::clamp(0.24 * room, 1.6, 3.6) * canvas.theme().fontSize / 13;
}

void Scatter::makeImage(qreal ratio)
{
    const Drawn wanted{m_rect, m_centre, scale(), m_radius, ratio};
    if (wanted == m_drawn)
        return;
    Dots dots;
    dots.places.reserve(m_points.size());
    for (const QPointF point : m_points)
        dots.places.push_back((toCanvas(point) - m_rect.topLeft()) * ratio);
    dots.colours = m_colours;
    dots.depths = m_depths;
    dots.radius = m_radius * ratio;
    m_image.image = drawDots((m_rect.size() * ratio).toSize(), dots);
    ++m_image.version;
    m_drawn = wanted;
}

void Scatter::draw(Canvas &canvas)
{
    if (m_rect.isEmpty())
        return;
    drawAxes(canvas);
    makeImage(canvas.devicePixelRatio());
    canvas.image(m_rect, m_image);
    canvas.rectangle(m_rect, canvas.theme().grid);
}

void Scatter::drawAxes(Canvas &canvas) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    const QString x = fitting(canvas, m_x, m_rect.width());
    canvas.text({m_rect.center().x(), m_rect.bottom() + 2 + (m_measured ? 1.6 : 0.5) * line}, x, m_measured ? theme.text : theme.mutedText, Align::centre,
                kSmall);
    if (!m_measured)
        return;
    const QPointF first = toPoint(m_rect.bottomLeft()), last = toPoint(m_rect.topRight());
    for (const double tick : roundTicks(first.x(), last.x(), std::clamp(int(m_rect.width() / (kTicksApart * theme.fontSize)), 1, 10))) {
        const qreal x = toCanvas({tick, 0}).x();
        canvas.line({x, m_rect.top()}, {x, m_rect.bottom()}, tick == 0 ? theme.mutedText : theme.grid);
        canvas.text({x, m_rect.bottom() + 2 + line / 2}, numberText(tick), theme.mutedText, Align::centre, kSmall);
    }
    for (const double tick : roundTicks(first.y(), last.y(), std::clamp(int(m_rect.height() / (3 * line)), 1, 10))) {
        const qreal y = toCanvas({0, tick}).y();
        canvas.line({m_rect.left(), y}, {m_rect.right(), y}, tick == 0 ? theme.mutedText : theme.grid);
        canvas.text({m_rect.left() - 4, y}, numberText(tick), theme.mutedText, Align::right, kSmall);
    }
    const QString y = fitting(canvas, m_y, m_rect.height());
    const qreal left = m_rect.left() - line / 2 - canvas.textWidth(QStringLiteral("−0.000"), kSmall) - 6;
    canvas.textUp({left, m_rect.center().y() + canvas.textWidth(y, kSmall) / 2}, y, theme.text, kSmall);
}

std::optional<QPointF> Scatter::position(int point) const
{
    if (point < 0 || point >= count() || m_rect.isEmpty() || !isFinite(m_points[size_t(point)]))
        return {};
    const QPointF at = toCanvas(m_points[size_t(point)]);
    return m_rect.contains(at) ? std::optional(at) : std::nullopt;
}

/// All distances: twenty thousand take some ten microseconds, less than an index would take to keep.
int Scatter::nearest(QPointF position, qreal within) const
{
    if (!m_rect.contains(position))
        return -1;
    const QPointF at = toPoint(position);
    qreal least = std::pow(within / scale(), 2);
    int best = -1;
    for (int i = 0; i < count(); ++i)
        if (const qreal distance = squared(m_points[size_t(i)] - at); distance <= least) { // false where it is not finite
            least = distance;
            best = i;
        }
    return best;
}

int Scatter::next(int from, QPointF direction, qreal atLeast) const
{
    if (from < 0 || from >= count() || m_rect.isEmpty())
        return -1;
    const QPointF way(direction.x(), -direction.y()), across(way.y(), way.x()), at = m_points[size_t(from)];
    const qreal shortest = atLeast / scale();
    qreal least = std::numeric_limits<qreal>::infinity();
    int best = -1;
    for (int i = 0; i < count(); ++i) {
        const QPointF to = m_points[size_t(i)] - at;
        const qreal ahead = QPointF::dotProduct(to, way);
        if (!(ahead > 0 && ahead >= shortest && ahead >= std::abs(QPointF::dotProduct(to, across))) || squared(to) >= least)
            continue;
        least = squared(to);
        best = i;
    }
    return best;
}

std::vector<int> Scatter::seen(const QPolygonF &outline) const
{
    std::vector<int> points;
    for (int i = 0; i < count(); ++i)
        if (const auto at = position(i); at && (outline.isEmpty() || outline.containsPoint(*at, Qt::OddEvenFill)))
            points.push_back(i);
    return points;
}

void Scatter::clampView()
{
    m_zoom = std::clamp(m_zoom, kLeastZoom, kLargestZoom);
    m_centre.setX(std::clamp(m_centre.x(), m_home.left(), m_home.right()));
    m_centre.setY(std::clamp(m_centre.y(), m_home.top(), m_home.bottom()));
}

void Scatter::zoom(QPointF at, qreal factor)
{
    if (m_rect.isEmpty())
        return;
    const QPointF kept = toPoint(at);
    m_zoom = std::clamp(m_zoom * factor, kLeastZoom, kLargestZoom);
    m_centre += kept - toPoint(at);
    clampView();
}

void Scatter::pan(QPointF change)
{
    if (m_rect.isEmpty())
        return;
    m_centre -= QPointF(change.x(), -change.y()) / scale();
    clampView();
}

void Scatter::widen(const Scatter &other)
{
    const auto extent = extentOf(other.m_points);
    if (!extent || m_home.contains(*extent))
        return;
    const bool whole = m_zoom == 1 && m_centre == m_home.center();
    m_home = m_home.united(*extent);
    if (whole)
        m_centre = m_home.center();
    m_drawn = {};
}

void Scatter::setViewOf(const Scatter &other)
{
    m_home = other.m_home;
    m_centre = other.m_centre;
    m_zoom = other.m_zoom;
}

void Scatter::resetView()
{
    m_zoom = 1;
    m_centre = m_home.center();
}

void Scatter::reveal(int point)
{
    if (point < 0 || point >= count() || m_rect.isEmpty() || !isFinite(m_points[size_t(point)]))
        return;
    const QRectF inner = m_rect.adjusted(2 * m_radius, 2 * m_radius, -2 * m_radius, -2 * m_radius);
    const QPointF at = toCanvas(m_points[size_t(point)]);
    const QPointF inside(std::clamp(at.x(), inner.left(), std::max(inner.left(), inner.right())),
                         std::clamp(at.y(), inner.top(), std::max(inner.top(), inner.bottom())));
    pan(inside - at);
}

void drawRing(Canvas &canvas, QPointF centre, qreal radius, const QColor &colour, qreal width)
{
    constexpr int kSides = 20;
    const auto corner = [&](int i) {
        const qreal angle = 2 * std::numbers::pi * (i + 0.5) / kSides;
        return centre + radius * QPointF(std::cos(angle), std::sin(angle));
    };
    for (int i = 0; i < kSides; ++i)
        canvas.line(corner(i), corner(i + 1), colour, width);
}

} // namespace pretext
