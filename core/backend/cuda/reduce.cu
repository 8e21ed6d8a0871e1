// Sums, means and largest values along one axis, which splits a shape into [outer, extent, inner]. Floor: x read once; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

/// The shape as the axis splits it.
struct Line
{
    Line(const Shape &x, int axis) : outer(x.size(0, axis)), extent(x[axis]), inner(x.size(axis + 1, x.rank())) {}
    int64_t outer, extent, inner;
};

void largestOf(const Line &line, const Tensor &x, const Tensor &y, const Tensor &argmax)
{
    const In from(x);
    const Out to(y);
    int32_t *chosen = ints(argmax);
    if (line.inner == 1)
        return forEachRow(line.outer, line.extent, [=] __device__(int64_t row) {
            unsigned long long best = 0;
            for (int64_t i = threadIdx.x; i < line.extent; i += blockDim.x)
                best = Larger()(best, ranked(from[row * line.extent + i], i));
            best = acrossRow(best, Larger());
            if (threadIdx.x == 0) {
                chosen[row] = int32_t(placeOf(best));
                to.put(row, from[row * line.extent + placeOf(best)]);
            }
        });
    forEach(line.outer * line.inner, [=] __device__(int64_t at) {
        const int64_t first = at / line.inner * line.extent * line.inner + at % line.inner;
        unsigned long long best = 0;
        for (int64_t i = 0; i < line.extent; ++i)
            best = Larger()(best, ranked(from[first + i * line.inner], i));
        chosen[at] = int32_t(placeOf(best));
        to.put(at, from[first + placeOf(best) * line.inner]);
    });
}

} // namespace

void reduce(const Tensor &x, ReduceOptions options, Tensor &y, Tensor &argmax)
{
    const Line line(x.shape(), options.axis);
    if (options.kind == Reduction::max)
        return largestOf(line, x, y, argmax);
    const In from(x);
    const Out to(y);
    const double share = options.kind == Reduction::mean ? 1.0 / double(line.extent) : 1.0;
    if (line.outer == 1 && line.inner == 1)
        return sumAll(
            line.extent, [=] __device__(int64_t i) { return double(from[i]); }, [=] __device__(double sum) { to.put(0, float(sum * share)); });
    if (line.outer == 1)
        return columnSums<1>(
            line.extent, line.inner, [=] __device__(int64_t row, int64_t column, float *value) { *value = from[row * line.inner + column]; },
            [=] __device__(int64_t column, const double *sum) { to.put(column, float(*sum * share)); });
    if (line.inner == 1)
        return forEachRow(line.outer, line.extent, [=] __device__(int64_t row) {
            double sum = 0;
            for (int64_t i = threadIdx.x; i < line.extent; i += blockDim.x)
                sum += double(from[row * line.extent + i]);
            sum = acrossRow(sum, Add());
            if (threadIdx.x == 0)
                to.put(row, float(sum * share));
        });
    forEach(line.outer * line.inner, [=] __device__(int64_t at) {
        const int64_t first = at / line.inner * line.extent * line.inner + at % line.inner;
        double sum = 0;
        for (int64_t i = 0; i < line.extent; ++i)
            sum += double(from[first + i * line.inner]);
        to.put(at, float(sum * share));
    });
}

void reduceBackward(const Tensor &dy, const Tensor &argmax, ReduceOptions options, Tensor &dx)
{
    const Line line(dx.shape(), options.axis);
    const float share = options.kind == Reduction::mean ? 1.f / float(line.extent) : 1.f;
    const int32_t *chosen = options.kind == Reduction::max ? ints(argmax) : nullptr;
    forEach(dx.size(), [=, d = In(dy), to = Out(dx)] __device__(int64_t i) {
        const int64_t row = i / line.inner, at = row / line.extent * line.inner + i % line.inner;
        to.put(i, !chosen ? d[at] * share : chosen[at] == row % line.extent ? d[at] : 0.f);
    });
}

} // namespace pretext::cuda
