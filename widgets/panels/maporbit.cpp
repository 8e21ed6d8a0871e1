#include "widgets/panels/maporbit.h"

#include "widgets/plots/scatterraster.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr double kRadiansAPixel = 0.01;

using OrbitRow = std::array<double, 3>;

/// Turns two of the rows into each other.
void rotate(OrbitRow &a, OrbitRow &b, double angle)
{
    const double along = std::cos(angle), across = std::sin(angle);
    for (int c = 0; c < 3; ++c) {
        const double x = a[size_t(c)], y = b[size_t(c)];
        a[size_t(c)] = along * x + across * y;
        b[size_t(c)] = along * y - across * x;
    }
}

double along(const OrbitRow &row, const OrbitRow &point)
{
    return row[0] * point[0] + row[1] * point[1] + row[2] * point[2];
}

} // namespace

std::array<MapOrbit::Row, 3> MapOrbit::first()
{
    std::array<Row, 3> rows{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    rotate(rows[0], rows[2], 0.5);
    rotate(rows[1], rows[2], -0.4);
    return rows;
}

void MapOrbit::turn(QPointF change)
{
    rotate(m_turn[0], m_turn[2], kRadiansAPixel * change.x());
    rotate(m_turn[1], m_turn[2], -kRadiansAPixel * change.y());
}

void MapOrbit::reset()
{
    m_turn = first();
}

MapOrbit::Seen MapOrbit::look(const Matrix &points) const
{
    OrbitRow middle{};
    double reach = 0;
    const auto pointAt = [&](int64_t i) { return OrbitRow{points.at(i, 0) - middle[0], points.at(i, 1) - middle[1], points.at(i, 2) - middle[2]}; };
    for (int64_t i = 0; i < points.rows; ++i)
        for (int c = 0; c < 3; ++c)
            middle[size_t(c)] += points.at(i, c) / double(points.rows);
    for (int64_t i = 0; i < points.rows; ++i)
        reach = std::max(reach, std::sqrt(along(pointAt(i), pointAt(i))));
    reach = reach > 0 ? reach : 1;
    Seen seen;
    seen.space.home = QRectF(-1.05 * reach, -1.05 * reach, 2.1 * reach, 2.1 * reach);
    for (int64_t i = 0; i < points.rows; ++i) {
        const OrbitRow point = pointAt(i);
        seen.places.emplace_back(along(m_turn[0], point), along(m_turn[1], point));
        const double near = (along(m_turn[2], point) / reach + 1) / 2; // 0 .. 1
        seen.space.depths.push_back(uint8_t(std::clamp(int(near * (Dots::kNearest + 1)), 0, Dots::kNearest)));
    }
    return seen;
}

std::array<QPointF, 3> MapOrbit::axes() const
{
    std::array<QPointF, 3> axes;
    for (size_t c = 0; c < 3; ++c)
        axes[c] = QPointF(m_turn[0][c], m_turn[1][c]);
    return axes;
}

} // namespace pretext
