// Element-wise operations and plain sums. Bound by memory: one pass each, left to the compiler to vectorise.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

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

template<class Function>
void map(const Tensor &a, const Tensor &b, Tensor &y, Function function)
{
    parallelFor(y.size(), kGrain, [left = f32(a), right = f32(b), target = f32(y), function](int64_t begin, int64_t end) {
#pragma GCC ivdep // the result may stand where an operand does
        for (int64_t i = begin; i < end; ++i)
            target[i] = function(left[i], right[i]);
    });
}

} // namespace

void add(const Tensor &a, const Tensor &b, Tensor &y)
{
    withElements(y, [&]<class T>(T *sum) {
        parallelFor(y.size(), kGrain, [=, left = elements<T>(a), right = elements<T>(b)](int64_t begin, int64_t end) {
            eachVector(end - begin, [&](auto where) { where.put(sum + begin, where.of(left + begin) + where.of(right + begin)); });
        });
    });
}

void accumulate(const Tensor &x, float factor, Tensor &y)
{
    map(x, y, y, [factor](float added, float sum) { return sum + factor * added; });
}

void multiply(const Tensor &a, const Tensor &b, Tensor &y)
{
    map(a, b, y, [](float left, float right) { return left * right; });
}

void scale(const Tensor &x, float factor, Tensor &y)
{
    map(x, y, [factor](float value) { return factor * value; });
}

void sumSquares(const Tensor &x, Tensor &y)
{
    const float *data = f32(x);
    f32(y)[0] = float(parallelSum(x.size(), 1, kGrain, [=](int64_t begin, int64_t end, double *sum) {
        constexpr int kLanes = 8; // independent sums, so that the loop vectorises without reassociation
        double lanes[kLanes] = {};
        int64_t i = begin;
        for (; i + kLanes <= end; i += kLanes)
            for (int lane = 0; lane < kLanes; ++lane)
                lanes[lane] += double(data[i + lane]) * double(data[i + lane]);
        for (; i < end; ++i)
            lanes[0] += double(data[i]) * double(data[i]);
        for (double lane : lanes)
            *sum += lane;
    }).front());
}

} // namespace pretext::cpu
