#include "core/data/sources/outline.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pretext {

namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr int kScanlines = 4; // to a pixel's height; horizontally the coverage is exact

Point onCircle(float radius, float degrees)
{
    return {radius * std::cos(degrees * kPi / 180), -radius * std::sin(degrees * kPi / 180)};
}

/// Adds to a row of coverage the part of each pixel between x = from and x = to.
void addSpan(float *row, int width, float from, float to)
{
    from = std::clamp(from, 0.f, float(width));
    to = std::clamp(to, 0.f, float(width));
    for (int x = int(from); x < width && float(x) < to; ++x)
        row[x] += (std::min(to, float(x + 1)) - std::max(from, float(x))) / kScanlines;
}

} // namespace

Outline circleOutline()
{
    Outline outline;
    for (int i = 0; i < 40; ++i)
        outline.push_back(onCircle(0.95f, 9.f * i));
    return outline;
}

Outline squareOutline()
{
    return {{-0.8f, -0.8f}, {0.8f, -0.8f}, {0.8f, 0.8f}, {-0.8f, 0.8f}};
}

Outline triangleOutline()
{
    return {onCircle(1.1f, 90), onCircle(1.1f, 210), onCircle(1.1f, 330)};
}

Outline starOutline()
{
    Outline outline;
    for (int i = 0; i < 10; ++i)
        outline.push_back(onCircle(i % 2 ? 0.48f : 1.12f, 90.f + 36.f * i));
    return outline;
}

Outline heartOutline()
{
    Outline outline;
    for (int i = 0; i < 40; ++i) {
        const float t = 2 * kPi * i / 40, sine = std::sin(t);
        const float y = 13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t);
        outline.push_back({16 * sine * sine * sine / 16.5f, -(y + 2.5f) / 16.5f});
    }
    return outline;
}

Outline moonOutline()
{
    // The outer arc from tip to tip, and back along a circle whose centre lies towards the opening.
    Outline outline;
    for (int i = 0; i <= 28; ++i) {
        const Point p = onCircle(1.05f, 60.f + 240.f * i / 28);
        outline.push_back({p.x + 0.2f, p.y});
    }
    const Point tip = onCircle(1.05f, 60);
    const float centre = 0.45f, radius = std::hypot(tip.x - centre, tip.y), half = std::atan2(-tip.y, tip.x - centre) * 180 / kPi;
    for (int i = 1; i < 24; ++i) {
        const Point p = onCircle(radius, 360 - half - (360 - 2 * half) * i / 24);
        outline.push_back({p.x + centre + 0.2f, p.y});
    }
    return outline;
}

Outline crossOutline()
{
    constexpr float a = 0.34f, b = 1.f;
    return {{-a, -b}, {a, -b}, {a, -a}, {b, -a}, {b, a}, {a, a}, {a, b}, {-a, b}, {-a, a}, {-b, a}, {-b, -a}, {-a, -a}};
}

Outline arrowOutline()
{
    return {{0, -1.1f}, {0.85f, -0.1f}, {0.32f, -0.1f}, {0.32f, 1}, {-0.32f, 1}, {-0.32f, -0.1f}, {-0.85f, -0.1f}};
}

Outline placed(const Outline &outline, float x, float y, float scale, float degrees)
{
    const float c = scale * std::cos(degrees * kPi / 180), s = scale * std::sin(degrees * kPi / 180);
    Outline result;
    for (const Point &p : outline)
        result.push_back({x + p.x * c + p.y * s, y - p.x * s + p.y * c});
    return result;
}

std::vector<float> coverage(const Outline &outline, int height, int width)
{
    // Where each scanline crosses the outline, edge by edge: an edge meets few of them.
    std::vector<std::vector<float>> crossings(size_t(height) * kScanlines);
    for (size_t i = 0; i < outline.size(); ++i) {
        const auto [upper, lower] = std::minmax(outline[i], outline[(i + 1) % outline.size()], [](Point a, Point b) { return a.y < b.y; });
        const auto lineBelow = [&](float y) { return std::clamp(int(std::ceil(y * kScanlines - 0.5f)), 0, height * kScanlines); };
        for (int line = lineBelow(upper.y), end = lineBelow(lower.y); line < end; ++line)
            crossings[line].push_back(upper.x + ((line + 0.5f) / kScanlines - upper.y) / (lower.y - upper.y) * (lower.x - upper.x));
    }
    std::vector<float> result(size_t(height) * width, 0.f);
    for (int line = 0; line < height * kScanlines; ++line) {
        std::vector<float> &at = crossings[line];
        std::sort(at.begin(), at.end());
        for (size_t i = 0; i + 1 < at.size(); i += 2)
            addSpan(result.data() + size_t(line / kScanlines) * width, width, at[i], at[i + 1]);
    }
    return result;
}

} // namespace pretext
