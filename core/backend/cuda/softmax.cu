// Softmax and the losses over rows. Everything exponential is taken relative to the row's largest value; a row is read again, from the caches, rather than
// kept. Floor: x read and y written once; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

constexpr int32_t kIgnoredTarget = -1;

__device__ float largestInRow(const float *x, int64_t width)
{
    float largest = x[0];
    for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
        largest = x[i] > largest || x[i] != x[i] ? x[i] : largest;
    return acrossRow(largest, Larger());
}

/// The sum of exp(x - shift).
__device__ double exponentials(const float *x, float shift, int64_t width)
{
    double sum = 0;
    for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
        sum += double(expf(x[i] - shift));
    return acrossRow(sum, Add());
}

/// y = factor softmax(x)
__device__ void softmaxRow(const float *x, float *y, int64_t width, float factor)
{
    const float shift = largestInRow(x, width), share = float(double(factor) / exponentials(x, shift, width));
    for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
        y[i] = expf(x[i] - shift) * share;
}

/// How many targets are not ignored, at least 1, in one number.
Tensor countOf(const Tensor &targets)
{
    Tensor counted({1}, DType::f32, Device::cuda);
    sumAll(
        targets.size(), [target = ints(targets)] __device__(int64_t i) { return target[i] == kIgnoredTarget ? 0.0 : 1.0; },
        [to = f32(counted)] __device__(double sum) { *to = sum < 1 ? 1.f : float(sum); });
    return counted;
}

} // namespace

void softmax(const Tensor &x, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    forEachRow(x.size() / width, width,
               [=, from = f32(x), to = f32(y)] __device__(int64_t row) { softmaxRow(from + row * width, to + row * width, width, 1.f); });
}

/// dx_i = y_i (dy_i - sum_j y_j dy_j). It does not change when all of dy shifts; shifted so that the likeliest entry's is zero, nothing
/// near 1 takes part in the sum, and what is left of a nearly certain row's gradient is not lost in a difference.
void softmaxBackward(const Tensor &y, const Tensor &dy, Tensor &dx)
{
    const int64_t width = y.shape()[-1];
    forEachRow(y.size() / width, width, [=, share = f32(y), gradient = f32(dy), to = f32(dx)] __device__(int64_t row) {
        const float *p = share + row * width, *d = gradient + row * width;
        unsigned long long likeliest = 0;
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            likeliest = Larger()(likeliest, ranked(p[i], i));
        const double origin = d[placeOf(acrossRow(likeliest, Larger()))];
        double sum = 0;
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            sum += double(p[i]) * (double(d[i]) - origin);
        sum = acrossRow(sum, Add()); // after which nobody reads another's d, over which dx may be written
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            to[row * width + i] = float(double(p[i]) * (double(d[i]) - origin - sum));
    });
}

void crossEntropy(const Tensor &logits, const Tensor &targets, Tensor &rowLoss, Tensor &loss)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1];
    forEachRow(rows, width, [=, x = f32(logits), target = ints(targets), each = f32(rowLoss), wrong = trouble()] __device__(int64_t row) {
        const float *in = x + row * width;
        const float shift = largestInRow(in, width);
        const double total = exponentials(in, shift, width);
        if (threadIdx.x != 0)
            return;
        const int32_t wanted = target[row];
        const bool counts = wanted >= 0 && wanted < width;
        if (!counts && wanted != kIgnoredTarget)
            report(wrong, Trouble::crossEntropyTarget, row, wanted, width);
        each[row] = counts ? float(double(shift) + log(total) - double(in[wanted])) : 0.f;
    });
    const Tensor counted = countOf(targets);
    sumAll(
        rows, [each = f32(rowLoss)] __device__(int64_t i) { return double(each[i]); },
        [to = f32(loss), count = f32(counted)] __device__(double sum) { *to = float(sum / double(*count)); });
}

void crossEntropyBackward(const Tensor &logits, const Tensor &targets, const Tensor &dloss, Tensor &dlogits)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1];
    const Tensor counted = countOf(targets);
    forEachRow(rows, width, [=, x = f32(logits), target = ints(targets), d = f32(dloss), count = f32(counted), to = f32(dlogits)] __device__(int64_t row) {
        const float *in = x + row * width, factor = *d / *count;
        const int32_t wanted = target[row];
        const bool counts = wanted != kIgnoredTarget;
        const float shift = largestInRow(in, width), share = float(double(factor) / exponentials(in, shift, width));
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            to[row * width + i] = counts ? expf(in[i] - shift) * share - (i == wanted ? factor : 0.f) : 0.f;
    });
}

void meanSquaredError(const Tensor &x, const Tensor &target, Tensor &loss)
{
    sumAll(
        x.size(),
        [a = f32(x), b = f32(target)] __device__(int64_t i) {
            const double difference = double(a[i]) - double(b[i]);
            return difference * difference;
        },
        [to = f32(loss), size = double(x.size())] __device__(double sum) { *to = float(sum / size); });
}

void meanSquaredErrorBackward(const Tensor &x, const Tensor &target, const Tensor &dloss, Tensor &dx)
{
    forEach(x.size(), [a = f32(x), b = f32(target), d = f32(dloss), to = f32(dx), size = float(x.size())] __device__(int64_t i) {
        to[i] = 2.f * *d / size * (a[i] - b[i]);
    });
}

} // namespace pretext::cuda
