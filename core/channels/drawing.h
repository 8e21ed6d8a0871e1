// A sample of a kind that is shown neither as a picture nor as a sentence, as lines: a wave as a curve, a graph as its edges.
#pragma once

#include <vector>

namespace pretext {

/// In a square of side 1, x to the right and y upwards.
struct Drawing
{
    struct Point
    {
        float x = 0, y = 0;
        friend bool operator==(const Point &, const Point &) = default;
    };
    std::vector<std::vector<Point>> lines; // each from point to point
    friend bool operator==(const Drawing &, const Drawing &) = default;
};
using Drawings = std::vector<Drawing>;

} // namespace pretext
