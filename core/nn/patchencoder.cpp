#include "core/nn/patchencoder.h"

#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace {

/// "1, 2, 4, 7, 14 and 28": the common divisors of both sides.
std::string sizesThatFit(const ImageShape &image)
{
    const int common = std::gcd(image.height, image.width);
    std::string list;
    for (int size = 1; size < common; ++size)
        if (common % size == 0)
            list += (list.empty() ? "" : ", ") + std::to_string(size);
    return list.empty() ? std::to_string(common) : pretext::said("%1 and %2", {list, common});
}

/// Of what lies `distance` patches away.
double cubicWeight(double distance)
{
    constexpr double a = -0.75;
    const double x = std::abs(distance);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// [to, from] along one axis; beyond its ends the outermost patch goes on.
std::vector<double> weightsAlong(int from, int to)
{
    std::vector<double> weights(size_t(from) * to, 0);
    for (int place = 0; place < to; ++place) {
        const double at = (place + 0.5) * from / to - 0.5;
        const int first = int(std::floor(at)) - 1;
        for (int near = first; near < first + 4; ++near)
            weights[size_t(place) * from + std::clamp(near, 0, from - 1)] += cubicWeight(at - near);
    }
    return weights;
}

} // namespace

PatchGrid patchGrid(const ImageShape &image, int size)
{
    if (size < 1 || image.height % size != 0 || image.width % size != 0)
        throw std::invalid_argument(
            "[encoder] "
            + said("encoder.patch is %1, which does not divide images of %2 x %3; sizes that fit: %4", {size, image.height, image.width, sizesThatFit(image)}));
    return {image.height / size, image.width / size, size, image.channels};
}

Variable patchesOf(const Variable &images, const PatchGrid &grid)
{
    const Shape &shape = images.shape();
    if (shape.rank() != 4 || shape[1] != grid.rows * grid.size || shape[2] != grid.columns * grid.size || shape[3] != grid.channels)
        throw std::invalid_argument("[patches] the images are " + shape.str() + ", not [N, " + std::to_string(grid.rows * grid.size) + ", "
                                    + std::to_string(grid.columns * grid.size) + ", " + std::to_string(grid.channels) + "]");
    const Variable rows = reshape(images, {shape[0], grid.rows, grid.size, grid.columns, grid.size * grid.channels});
    return reshape(swapAxes(rows, 2), {shape[0], grid.count(), grid.values()});
}

Tensor sinusoidalPositions(const PatchGrid &grid, int width)
{
    if (width % 4 != 0)
        throw std::invalid_argument("[positions] " + said("sinusoidal positions need a width that is a multiple of 4, not %1", {width}));
    const int quarter = width / 4; // sines of the row, cosines of the row, and the same of the column
    std::vector<float> values;
    for (int place = 0; place < grid.count(); ++place)
        for (int i = 0; i < width; ++i) {
            const int at = i < width / 2 ? place / grid.columns : place % grid.columns;
            const double angle = at * std::pow(10000., -double(i % quarter) / quarter);
            values.push_back(float(i / quarter % 2 ? std::cos(angle) : std::sin(angle)));
        }
    return Tensor::fromHost(values, {grid.count(), width});
}

Tensor positionWeights(const PatchGrid &from, const PatchGrid &to)
{
    const std::vector<double> down = weightsAlong(from.rows, to.rows), across = weightsAlong(from.columns, to.columns);
    std::vector<float> weights;
    for (int place = 0; place < to.count(); ++place)
        for (int of = 0; of < from.count(); ++of)
            weights.push_back(float(down[size_t(place / to.columns) * from.rows + of / from.columns]
                                    * across[size_t(place % to.columns) * from.columns + of % from.columns]));
    return Tensor::fromHost(weights, {to.count(), from.count()});
}

KeptPatches keptPatches(std::span<const int32_t> kept, int64_t images, const PatchGrid &grid)
{
    const int64_t all = int64_t(kept.size()), count = images > 0 ? all / images : 0;
    if (count < 1 || count * images != all)
        throw std::invalid_argument("[patches] " + std::to_string(all) + " kept patches are not equally many for each of " + std::to_string(images)
                                    + " images");
    std::vector<int32_t> rows;
    rows.reserve(kept.size());
    for (int64_t i = 0; i < all; ++i) {
        if (kept[size_t(i)] < 0 || kept[size_t(i)] >= grid.count())
            throw std::invalid_argument("[patches] there is no patch " + std::to_string(kept[size_t(i)]) + " in a grid of " + std::to_string(grid.count()));
        rows.push_back(int32_t(i / count * grid.count()) + kept[size_t(i)]);
    }
    return {Tensor::fromHost(kept, {all}), Tensor::fromHost(rows, {all}), count};
}

PatchEncoder &patchEncoder(Encoder &encoder)
{
    if (auto *patches = dynamic_cast<PatchEncoder *>(&encoder))
        return *patches;
    throw std::invalid_argument("[encoder] " + said("this encoder does not see an image as patches, some of which can be hidden from it; choose vit"));
}

} // namespace pretext
