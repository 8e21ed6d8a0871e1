#include "core/ssl/patchmask.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

/// The order in which a place of the 2^n x 2^n dither matrix comes (Bayer 1973): the first quarter is every second row and column, and so on.
uint32_t ditherRank(uint32_t row, uint32_t column)
{
    uint32_t rank = 0;
    for (int bit = 0; bit < 8; ++bit) { // the lowest bits of the place count most
        const uint32_t y = row >> bit & 1, x = column >> bit & 1;
        rank |= ((x ^ y) << 1 | y) << 2 * (7 - bit);
    }
    return rank;
}

/// The patches in the order in which they are kept: those last in it are hidden first.
std::vector<float> keepingRanks(MaskShape shape, const PatchGrid &grid, Random &random)
{
    const float row = random.uniform(0, float(grid.rows)), column = random.uniform(0, float(grid.columns));
    const float aspect = std::exp2(random.uniform(-1, 1)); // of a block
    std::vector<float> ranks;
    for (int place = 0; place < grid.count(); ++place) {
        const float y = float(place / grid.columns) + 0.5f - row, x = float(place % grid.columns) + 0.5f - column;
        switch (shape) {
        case MaskShape::random: ranks.push_back(random.uniform()); break;
        case MaskShape::block: ranks.push_back(-std::max(std::abs(y) * std::sqrt(aspect), std::abs(x) / std::sqrt(aspect))); break;
        case MaskShape::grid: ranks.push_back(float(ditherRank(uint32_t(place / grid.columns), uint32_t(place % grid.columns)))); break;
        }
    }
    return ranks;
}

} // namespace

const std::vector<std::string> &maskShapes()
{
    static const std::vector<std::string> names = {"random", "block", "grid"};
    return names;
}

MaskShape maskShapeNamed(const std::string &name)
{
    return MaskShape(std::ranges::find(maskShapes(), name) - maskShapes().begin());
}

int hiddenCount(const PatchGrid &grid, double ratio)
{
    return std::clamp(int(std::lround(ratio * grid.count())), std::min(1, grid.count() - 1), std::max(1, grid.count() - 1));
}

std::vector<int32_t> drawKept(MaskShape shape, const PatchGrid &grid, double ratio, Random &random)
{
    const std::vector<float> ranks = keepingRanks(shape, grid, random);
    std::vector<int32_t> order(ranks.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int32_t place) { return ranks[size_t(place)]; });
    order.resize(size_t(grid.count() - hiddenCount(grid, ratio)));
    std::ranges::sort(order);
    return order;
}

} // namespace pretext
