// NT-Xent (Chen et al. 2020, eq. 1). The similarities of a band of rows are a product, [band, 2N], then a row's are folded into a log-sum-exp, and made again
// for the gradient, so that memory is a band's. The formulas, and why l is kept rather than a log-sum-exp, are in core/backend/cpu/contrastive.cpp.
// Floor: 2 (2N)^2 D operations there and 4 (2N)^2 D back, of products; a band's similarities are written and read once, 8 bytes each; bound by memory
// below some 128 features.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

#include <algorithm>

namespace pretext::cuda {

namespace {

constexpr int64_t kBandNumbers = int64_t(1) << 24; // similarities at a time, 64 MiB

/// body(first, similarities [rows, 2N]) for each band of rows; the similarities are over the temperature.
template<class Body>
void eachBand(const Tensor &z, float temperature, Body body)
{
    const int64_t count = z.shape()[0], width = z.shape()[1], band = std::clamp<int64_t>(kBandNumbers / count, 1, count);
    for (int64_t first = 0; first < count; first += band) {
        const int64_t rows = std::min(band, count - first);
        Tensor part({rows, width}, DType::f32, Device::cuda), similarities({rows, count}, DType::f32, Device::cuda);
        slice(z, {.axis = 0, .first = first}, part);
        matmul(part, z, {.transposeB = true, .alpha = 1.f / temperature}, similarities);
        body(first, similarities);
    }
}

/// s_i,p(i) in double: each anchor's loss hangs on this one number.
__device__ double positiveSimilarity(const float *z, int64_t width, int64_t i, int64_t positive, float temperature)
{
    double sum = 0;
    for (int64_t d = threadIdx.x; d < width; d += blockDim.x)
        sum += double(z[i * width + d]) * double(z[positive * width + d]);
    return acrossRow(sum, Add()) / double(temperature);
}

/// log(1 + exp(x))
__device__ double softplusOf(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/// Of row i over the negatives: what ntXent gives for it.
__device__ void lossOfRow(const float *s, const float *z, int64_t i, int64_t count, int64_t width, float temperature, float *anchorLoss, float *nearest)
{
    const int64_t positive = (i + count / 2) % count;
    float top = -INFINITY;
    for (int64_t j = threadIdx.x; j < count; j += blockDim.x)
        if (j != i && j != positive)
            top = Larger()(top, s[j]);
    top = acrossRow(top, Larger());
    double total = 0;
    for (int64_t j = threadIdx.x; j < count; j += blockDim.x)
        if (j != i && j != positive)
            total += double(expf(s[j] - top));
    total = acrossRow(total, Add());
    const double of = positiveSimilarity(z, width, i, positive, temperature);
    if (threadIdx.x == 0) {
        anchorLoss[i] = total > 0 ? float(softplusOf(double(top) + log(total) - of)) : total == 0 ? 0.f : float(total);
        nearest[i] = top < s[positive] ? 1.f : 0.f;
    }
}

} // namespace

void ntXent(const Tensor &z, NtXentOptions options, Tensor &anchorLoss, Tensor &nearest, Tensor &loss)
{
    const int64_t count = z.shape()[0], width = z.shape()[1];
    const float temperature = options.temperature;
    eachBand(z, temperature, [&](int64_t first, const Tensor &similarities) {
        forEachRow(similarities.shape()[0], count,
                   [=, s = f32(similarities), rows = f32(z), losses = f32(anchorLoss), nearer = f32(nearest)] __device__(int64_t row) {
                       lossOfRow(s + row * count, rows, first + row, count, width, temperature, losses, nearer);
                   });
    });
    sumAll(
        count, [each = f32(anchorLoss)] __device__(int64_t i) { return double(each[i]); },
        [=, to = f32(loss)] __device__(double sum) { *to = float(sum / double(count)); });
}

void ntXentBackward(const Tensor &z, const Tensor &anchorLoss, const Tensor &dloss, NtXentOptions options, Tensor &dz)
{
    const int64_t count = z.shape()[0], width = z.shape()[1];
    const float temperature = options.temperature;
    const Tensor totals({count}, DType::f32, Device::cuda); // each row's log-sum-exp over all but itself
    forEachRow(count, width, [=, rows = f32(z), losses = f32(anchorLoss), total = f32(totals)] __device__(int64_t i) {
        const double positive = positiveSimilarity(rows, width, i, (i + count / 2) % count, temperature);
        if (threadIdx.x == 0)
            total[i] = float(positive + double(losses[i]));
    });
    eachBand(z, temperature, [&](int64_t first, const Tensor &similarities) {
        const int64_t rows = similarities.shape()[0];
        forEach(rows * count, [=, s = f32(similarities), losses = f32(anchorLoss), total = f32(totals), d = f32(dloss)] __device__(int64_t at) {
            const int64_t i = first + at / count, j = at % count, positive = (i + count / 2) % count;
            const float factor = *d / (float(count) * temperature);
            const float weight = j == i ? 0.f : j == positive ? expm1f(-losses[i]) + expm1f(-losses[j]) : expf(s[at] - total[i]) + expf(s[at] - total[j]);
            s[at] = factor * weight;
        });
        Tensor part({rows, width}, DType::f32, Device::cuda);
        matmul(similarities, z, {}, part);
        place(part, {.axis = 0, .first = first}, dz);
    });
}

} // namespace pretext::cuda
