// Element-wise operations and plain sums. Bound by memory: one pass each, left to the compiler to vectorise.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

namespace pretext::cpu {

namespace {

template<class Function>
void map(const Tensor &x, Tensor &y, Function function)
{
    parallelFor(y.size(), kGrain, [source = f32(x), target = f32(y), function](int64_t begin, int64_t end) {
#pragma GCC ivdep // the result may stand where an operand does
        for (int64_t i = begin; i < end; ++i)
            target[i] = function(source[i]);
    });
}

} // namespace

void accumulate(const Tensor &x, float factor, Tensor &y)
{
    parallelFor(y.size(), kGrain, [source = f32(x), target = f32(y), factor](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            target[i] += factor * source[i];
    });
}

void scale(const Tensor &x, float factor, Tensor &y)
{
    map(x, y, [factor](float value) { return factor * value; });
}

void sumSquares(const Tensor &x, Tensor &y)
{
    const float *data = f32(x);
    f32(y)[0] = float(parallelSum(x.size(), 1, kGrain, [=](int64_t begin, int64_t end, double *sum) {
        *sum += sumOver(begin, end, [=](int64_t i) { return double(data[i]) * double(data[i]); });
    }).front());
}

} // namespace pretext::cpu
