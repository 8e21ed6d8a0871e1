// Outlines: closed polygons in a plane where y grows downwards, and their anti-aliased coverage of pixels.
#pragma once

#include <vector>

namespace pretext {

struct Point
{
    float x = 0, y = 0;
};
using Outline = std::vector<Point>;

Outline circleOutline();
Outline squareOutline();
Outline triangleOutline();
Outline starOutline();
Outline heartOutline();
Outline moonOutline();
Outline crossOutline();
Outline arrowOutline();

/// The outline (of about unit radius) scaled, turned counter-clockwise, and moved to (x, y).
Outline placed(const Outline &outline, float x, float y, float scale, float degrees);

/// The share of every pixel that the outline's inside (even-odd) covers, row-major.
std::vector<float> coverage(const Outline &outline, int height, int width);

} // namespace pretext
