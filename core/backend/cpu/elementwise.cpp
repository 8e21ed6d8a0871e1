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

/// From the end that is nearer, so that a share of 1 gives x itself, and of 0 leaves y.
void lerp(const Tensor &x, float factor, Tensor &y)
{
    parallelFor(y.size(), kGrain, [source = f32(x), target = f32(y), factor](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const float way = source[i] - target[i];
            target[i] = factor < 0.5f ? target[i] + factor * way : source[i] - (1.f - factor) * way;
        }
    });
}

void scale(const Tensor &x, float factor, Tensor &y)
{
    map(x, y, [factor](float value) { return factor * value; });
}

void sumSquares(std::span<const Tensor> tensors, Tensor &y)
{
    for (size_t at = 0; at < tensors.size(); ++at) {
        const float *data = f32(tensors[at]);
        f32(y)[at] = float(parallelSum(tensors[at].size(), 1, kGrain, [=](int64_t begin, int64_t end, double *sum) {
                               *sum += sumOver(begin, end, [=](int64_t i) { return double(data[i]) * double(data[i]); });
                           }).front());
    }
}

} // namespace pretext::cpu
