// L2 normalisation of rows, with its sums in double. Floor: each number read once and written once, again from the caches; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

__device__ double dot(const float *a, const float *b, int64_t width)
{
    double sum = 0;
    for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
        sum += double(a[i]) * double(b[i]);
    return acrossRow(sum, Add());
}

} // namespace

void normalize(const Tensor &x, NormalizeOptions options, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    forEachRow(x.size() / width, width, [=, from = f32(x), to = f32(y), epsilon = double(options.epsilon)] __device__(int64_t row) {
        const float *in = from + row * width;
        const double norm = sqrt(dot(in, in, width));
        const float factor = float(1.0 / (norm < epsilon ? epsilon : norm));
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            to[row * width + i] = in[i] * factor;
    });
}

void normalizeBackward(const Tensor &x, const Tensor &dy, NormalizeOptions options, Tensor &dx)
{
    const int64_t width = x.shape()[-1];
    forEachRow(x.size() / width, width, [=, from = f32(x), gradient = f32(dy), to = f32(dx), epsilon = double(options.epsilon)] __device__(int64_t row) {
        const float *in = from + row * width, *d = gradient + row * width;
        const double norm = sqrt(dot(in, in, width)), across = dot(in, d, width);
        const bool clamped = norm < epsilon;
        const double inverse = 1.0 / (clamped ? epsilon : norm);
        const double along = clamped ? 0.0 : across * inverse * inverse; // the share along the row does not change its direction
        for (int64_t i = threadIdx.x; i < width; i += blockDim.x)
            to[row * width + i] = float((double(d[i]) - double(in[i]) * along) * inverse);
    });
}

} // namespace pretext::cuda
