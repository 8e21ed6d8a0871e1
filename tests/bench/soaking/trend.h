// Whether figures that go up and down also go up over time.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace pretext::bench {

inline double medianOf(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Trend
{
    double middle = 0;  // the median
    double growth = 0;  // from the first to the last, along the line that suits most
    double scatter = 0; // around that line: the median distance
};

/// Of figures taken at equal intervals. The line is Theil and Sen's, the median of the slopes between any two figures, which a few jobs larger
/// than the others do not turn.
inline Trend trendOf(const std::vector<double> &figures)
{
    std::vector<double> slopes, distances;
    for (size_t i = 0; i < figures.size(); ++i)
        for (size_t j = i + 1; j < figures.size(); ++j)
            slopes.push_back((figures[j] - figures[i]) / double(j - i));
    const double slope = medianOf(slopes);
    std::vector<double> levelled;
    for (size_t i = 0; i < figures.size(); ++i)
        levelled.push_back(figures[i] - slope * double(i));
    const double level = medianOf(levelled);
    for (double value : levelled)
        distances.push_back(std::abs(value - level));
    return {medianOf(figures), figures.empty() ? 0 : slope * double(figures.size() - 1), medianOf(distances)};
}

/// Flat is what grew by less than `allowed`, or by no more than it goes up and down anyway.
inline bool isFlat(const Trend &trend, double allowed)
{
    return trend.growth <= std::max(allowed, 2 * trend.scatter);
}

} // namespace pretext::bench
