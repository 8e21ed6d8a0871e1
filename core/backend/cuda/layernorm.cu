// Layer norm. The variance is taken from the centred values in a second pass over the row, which is in the caches by then. Floor: 8 bytes an element there
// and 20 back, x and dy once for the sums over rows and once for dx, beside which a row's mean and deviation are nothing; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

void layerNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, LayerNormOptions options, Tensor &mean, Tensor &invStd, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    forEachRow(x.size() / width, width,
               [=, from = f32(x), scale = f32(gamma), shift = f32(beta), means = f32(mean), inverses = f32(invStd), to = f32(y),
                epsilon = options.epsilon] __device__(int64_t row) {
                   const float *in = from + row * width;
                   float sum = 0, squares = 0;
                   for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
                       sum += in[i];
                   const float center = acrossRow(sum, Add()) / float(width);
                   for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
                       squares += (in[i] - center) * (in[i] - center);
                   const float inverse = 1.f / sqrtf(acrossRow(squares, Add()) / float(width) + epsilon);
                   if (threadIdx.x == 0) {
                       means[row] = center;
                       inverses[row] = inverse;
                   }
                   for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
                       to[row * width + i] = (in[i] - center) * inverse * scale[i] + shift[i];
               });
}

/// dx = (d - mean(d) - n mean(d n)) / std with d = gamma dy and n the normalised row. dx may be dy, so the sums over rows come first.
void layerNormBackward(const Tensor &x, const Tensor &dy, const Tensor &gamma, const Tensor &mean, const Tensor &invStd, Tensor &dx, Tensor &dgamma,
                       Tensor &dbeta)
{
    const int64_t width = x.shape()[-1], rows = x.size() / width;
    const float *from = f32(x), *gradient = f32(dy), *scale = f32(gamma), *means = f32(mean), *inverses = f32(invStd);
    columnSums<2>(
        rows, width,
        [=] __device__(int64_t row, int64_t i, float *values) {
            const float d = gradient[row * width + i];
            values[0] = d * ((from[row * width + i] - means[row]) * inverses[row]);
            values[1] = d;
        },
        [ofGamma = f32(dgamma), ofBeta = f32(dbeta)] __device__(int64_t i, const double *sums) {
            ofGamma[i] = float(sums[0]);
            ofBeta[i] = float(sums[1]);
        });
    forEachRow(rows, width, [=, to = f32(dx)] __device__(int64_t row) {
        const float *in = from + row * width, *d = gradient + row * width, center = means[row], inverse = inverses[row];
        float first = 0, second = 0;
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x) {
            const float scaled = d[i] * scale[i];
            first += scaled;
            second += scaled * ((in[i] - center) * inverse);
        }
        const float average = acrossRow(first, Add()) / float(width), slope = acrossRow(second, Add()) / float(width);
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            to[row * width + i] = (d[i] * scale[i] - average - (in[i] - center) * inverse * slope) * inverse;
    });
}

} // namespace pretext::cuda
