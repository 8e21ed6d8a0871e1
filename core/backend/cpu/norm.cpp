// Normalisation within rows: layer norm and L2, with their sums in double.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>

namespace pretext::cpu {

void layerNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, LayerNormOptions options, Tensor &mean, Tensor &invStd, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    const float *source = f32(x), *scale = f32(gamma), *shift = f32(beta);
    float *means = f32(mean), *inverses = f32(invStd), *target = f32(y);
    parallelFor(x.size() / width, rowGrain(width), [=](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *in = source + row * width;
            double sum = 0, squares = 0;
            for (int64_t i = 0; i < width; ++i) {
                sum += double(in[i]);
                squares += double(in[i]) * double(in[i]);
            }
            const double average = sum / double(width), variance = std::max(0.0, squares / double(width) - average * average);
            const float center = means[row] = float(average), inverse = inverses[row] = float(1.0 / std::sqrt(variance + options.epsilon));
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = (in[i] - center) * inverse * scale[i] + shift[i];
        }
    });
}

void layerNormBackward(const Tensor &x, const Tensor &dy, const Tensor &gamma, const Tensor &mean, const Tensor &invStd, Tensor &dx, Tensor &dgamma,
                       Tensor &dbeta)
{
    const int64_t width = x.shape()[-1];
    const float *source = f32(x), *gradient = f32(dy), *scale = f32(gamma), *means = f32(mean), *inverses = f32(invStd);
    float *target = f32(dx);
    const auto sums = parallelSum(x.size() / width, 2 * width, rowGrain(width), [=](int64_t begin, int64_t end, double *sum) {
        for (int64_t row = begin; row < end; ++row) {
            const float *in = source + row * width, *d = gradient + row * width;
            const float center = means[row], inverse = inverses[row];
            double first = 0, second = 0; // sums of gamma dy, and of gamma dy times the normalised value
            for (int64_t i = 0; i < width; ++i) {
                const double normal = double(in[i] - center) * inverse;
                sum[i] += double(d[i]) * normal;
                sum[width + i] += double(d[i]);
                first += double(d[i]) * scale[i];
                second += double(d[i]) * scale[i] * normal;
            }
            const float average = float(first / double(width)), slope = float(second / double(width));
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = inverse * (d[i] * scale[i] - average - (in[i] - center) * inverse * slope);
        }
    });
    for (int64_t i = 0; i < width; ++i) {
        f32(dgamma)[i] = float(sums[size_t(i)]);
        f32(dbeta)[i] = float(sums[size_t(width + i)]);
    }
}

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
