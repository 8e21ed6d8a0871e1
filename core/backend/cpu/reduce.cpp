// Sums, means and largest values along one axis, which splits a shape into [outer, extent, inner]. Sums are taken in double.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <algorithm>

namespace pretext::cpu {

namespace {

/// The shape as the axis splits it.
struct Line
{
    Line(const Shape &x, int axis) : outer(x.size(0, axis)), extent(x[axis]), inner(x.size(axis + 1, x.rank())) {}
    int64_t outer, extent, inner;

    /// body(i) for each [extent, inner]; one alone is left to whom it is divided among.
    template<class Body>
    void eachOuter(Body body) const
    {
        parallelFor(outer, rowGrain(extent * inner), [=](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i)
                body(i);
        });
    }
};

/// The sums of [extent, inner] over its rows.
std::vector<double> sumsOf(const float *x, int64_t extent, int64_t inner)
{
    if (inner == 1)
        return parallelSum(extent, 1, kGrain,
                           [=](int64_t begin, int64_t end, double *sum) { *sum += sumOver(begin, end, [=](int64_t i) { return double(x[i]); }); });
    return columnSums(extent, inner, [=](int64_t row, float *block) {
        eachVector(inner, [=](auto where) { where.put(block, where.of(block) + where.of(x + row * inner)); });
    });
}

/// The first of the largest in each column of [extent, inner]; a NaN is larger than all, so that it is not hidden.
void takeLargest(const float *x, int64_t extent, int64_t inner, float *y, int32_t *argmax)
{
    std::copy_n(x, inner, y);
    std::fill_n(argmax, inner, 0);
    for (int64_t row = 1; row < extent; ++row)
        for (int64_t i = 0; i < inner; ++i) {
            const float value = x[row * inner + i];
            const bool better = value > y[i] || (value != value && y[i] == y[i]);
            y[i] = better ? value : y[i];
            argmax[i] = better ? int32_t(row) : argmax[i];
        }
}

} // namespace

void reduce(const Tensor &x, ReduceOptions options, Tensor &y, Tensor &argmax)
{
    const Line e(x.shape(), options.axis);
    const float *source = f32(x);
    float *target = f32(y);
    if (options.kind == Reduction::max)
        return e.eachOuter([=, chosen = i32(argmax)](int64_t i) {
            takeLargest(source + i * e.extent * e.inner, e.extent, e.inner, target + i * e.inner, chosen + i * e.inner);
        });
    const double share = options.kind == Reduction::mean ? 1.0 / double(e.extent) : 1.0;
    e.eachOuter([=](int64_t i) {
        const std::vector<double> sums = sumsOf(source + i * e.extent * e.inner, e.extent, e.inner);
        std::ranges::transform(sums, target + i * e.inner, [=](double sum) { return float(sum * share); });
    });
}

void reduceBackward(const Tensor &dy, const Tensor &argmax, ReduceOptions options, Tensor &dx)
{
    const Line e(dx.shape(), options.axis);
    const float share = options.kind == Reduction::mean ? 1.f / float(e.extent) : 1.f;
    const int32_t *chosen = options.kind == Reduction::max ? i32(argmax) : nullptr;
    parallelFor(e.outer * e.extent, rowGrain(e.inner), [=, gradient = f32(dy), target = f32(dx)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *from = gradient + row / e.extent * e.inner;
            const int32_t *where = chosen ? chosen + row / e.extent * e.inner : nullptr;
            for (int64_t i = 0; i < e.inner; ++i)
                target[row * e.inner + i] = !where ? from[i] * share : where[i] == row % e.extent ? from[i] : 0.f;
        }
    });
}

} // namespace pretext::cpu
