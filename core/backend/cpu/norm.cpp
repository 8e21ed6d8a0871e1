// L2 normalisation of rows, with its sums in double.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>

namespace pretext::cpu {

namespace {

double dot(const float *a, const float *b, int64_t size)
{
    double sum = 0;
    for (int64_t i = 0; i < size; ++i)
        sum += double(a[i]) * double(b[i]);
    return sum;
}

} // namespace

void normalize(const Tensor &x, NormalizeOptions options, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    parallelFor(x.size() / width, rowGrain(width), [=, source = f32(x), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *in = source + row * width;
            const float factor = float(1.0 / std::max(std::sqrt(dot(in, in, width)), double(options.epsilon)));
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = in[i] * factor;
        }
    });
}

void normalizeBackward(const Tensor &x, const Tensor &dy, NormalizeOptions options, Tensor &dx)
{
    const int64_t width = x.shape()[-1];
    parallelFor(x.size() / width, rowGrain(width), [=, source = f32(x), gradient = f32(dy), target = f32(dx)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *in = source + row * width, *d = gradient + row * width;
            const double norm = std::sqrt(dot(in, in, width));
            const bool clamped = norm < options.epsilon;
            const double inverse = 1.0 / (clamped ? double(options.epsilon) : norm);
            const double along = clamped ? 0.0 : dot(in, d, width) * inverse * inverse; // the share along the row does not change its direction
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = float((double(d[i]) - double(in[i]) * along) * inverse);
        }
    });
}

} // namespace pretext::cpu
