// Normalisation over rows [M, C] (batch norm, per column) and within rows (layer norm, L2). Batch norm reads its input twice in each
// direction: once for the sums, kept in double, and once to normalise, add the residual and activate.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>

namespace pretext::cpu {

namespace {

/// Mean and 1 / sqrt(variance + epsilon) of each column, and the running statistics with the unbiased variance.
void batchStatistics(const Tensor &x, const BatchNormOptions &options, Tensor &runningMean, Tensor &runningVar, Tensor &mean, Tensor &invStd)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    const float *data = f32(x);
    const auto sums = parallelSum(rows, 2 * channels, rowGrain(channels), [=](int64_t begin, int64_t end, double *sum) {
        double *squares = sum + channels;
        for (int64_t row = begin; row < end; ++row)
            for (int64_t c = 0; c < channels; ++c) {
                const double value = data[row * channels + c];
                sum[c] += value;
                squares[c] += value * value;
            }
    });
    const double keep = 1.0 - options.momentum, unbiased = rows > 1 ? double(rows) / double(rows - 1) : 1.0;
    for (int64_t c = 0; c < channels; ++c) {
        const double average = sums[size_t(c)] / double(rows);
        const double variance = std::max(0.0, sums[size_t(channels + c)] / double(rows) - average * average);
        f32(mean)[c] = float(average);
        f32(invStd)[c] = float(1.0 / std::sqrt(variance + options.epsilon));
        f32(runningMean)[c] = float(keep * f32(runningMean)[c] + options.momentum * average);
        f32(runningVar)[c] = float(keep * f32(runningVar)[c] + options.momentum * variance * unbiased);
    }
}

float activate(float v, Activation kind)
{
    switch (kind) {
    case Activation::relu: return v < 0.f ? 0.f : v;
    case Activation::tanh: return std::tanh(v);
    case Activation::sigmoid: return 1.f / (1.f + std::exp(-v));
    default: return v;
    }
}

/// The activation's derivative from its own value.
float slope(float y, Activation kind)
{
    switch (kind) {
    case Activation::relu: return y > 0.f ? 1.f : 0.f;
    case Activation::tanh: return 1.f - y * y;
    case Activation::sigmoid: return y * (1.f - y);
    default: return 1.f;
    }
}

/// Calls body with the activation as a compile-time constant, so that each has its own vectorised loop.
template<class Body>
void withActivation(Activation kind, Body &&body)
{
    switch (kind) {
    case Activation::relu: return body(std::integral_constant<Activation, Activation::relu>());
    case Activation::tanh: return body(std::integral_constant<Activation, Activation::tanh>());
    case Activation::sigmoid: return body(std::integral_constant<Activation, Activation::sigmoid>());
    default: return body(std::integral_constant<Activation, Activation::none>());
    }
}

} // namespace

void batchNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, Tensor &runningMean,
               Tensor &runningVar, Tensor &savedMean, Tensor &savedInvStd, Tensor &y)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    if (options.training) {
        batchStatistics(x, options, runningMean, runningVar, savedMean, savedInvStd);
    } else {
        copy(runningMean, savedMean);
        for (int64_t c = 0; c < channels; ++c)
            f32(savedInvStd)[c] = float(1.0 / std::sqrt(double(f32(runningVar)[c]) + options.epsilon));
    }
    std::vector<float> factor(static_cast<size_t>(channels));
    for (int64_t c = 0; c < channels; ++c)
        factor[size_t(c)] = f32(gamma)[c] * f32(savedInvStd)[c];
    const float *source = f32(x), *mean = f32(savedMean), *slopes = factor.data(), *shift = f32(beta), *added = residual.defined() ? f32(residual) : nullptr;
    float *target = f32(y);
    withActivation(options.activation, [=](auto kind) {
        parallelFor(rows, rowGrain(channels), [=](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                const float *in = source + row * channels;
                float *out = target + row * channels;
                if (added)
                    for (int64_t c = 0; c < channels; ++c)
                        out[c] = activate((in[c] - mean[c]) * slopes[c] + shift[c] + added[row * channels + c], kind());
                else
                    for (int64_t c = 0; c < channels; ++c)
                        out[c] = activate((in[c] - mean[c]) * slopes[c] + shift[c], kind());
            }
        });
    });
}

namespace {

/// Per column the sums of g and of g (x - mean), where g = dy activation'(y); g goes to dresidual where that is wanted.
std::vector<double> gradientSums(const Tensor &x, const Tensor &y, const Tensor &dy, const Tensor &savedMean, Activation activation, Tensor &dresidual)
{
    const int64_t channels = x.shape()[-1];
    const float *source = f32(x), *value = f32(y), *gradient = f32(dy), *mean = f32(savedMean);
    float *through = dresidual.defined() ? f32(dresidual) : nullptr;
    std::vector<double> sums;
    withActivation(activation, [&](auto kind) {
        sums = parallelSum(x.size() / channels, 2 * channels, rowGrain(channels), [=](int64_t begin, int64_t end, double *sum) {
            double *products = sum + channels;
            for (int64_t row = begin; row < end; ++row) {
                const int64_t offset = row * channels;
                for (int64_t c = 0; c < channels; ++c) {
                    const float g = gradient[offset + c] * slope(value[offset + c], kind());
                    sum[c] += double(g);
                    products[c] += double(g) * double(source[offset + c] - mean[c]);
                }
                if (through)
                    for (int64_t c = 0; c < channels; ++c)
                        through[offset + c] = gradient[offset + c] * slope(value[offset + c], kind());
            }
        });
    });
    return sums;
}

} // namespace

void batchNormBackward(const Tensor &x, const Tensor &y, const Tensor &dy, const Tensor &gamma, const Tensor &savedMean, const Tensor &savedInvStd,
                       BatchNormOptions options, Tensor &dx, Tensor &dgamma, Tensor &dbeta, Tensor &dresidual)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    const auto sums = gradientSums(x, y, dy, savedMean, options.activation, dresidual);
    // dx = factor (g - average) - (x - mean) correction, where the last two vanish with fixed statistics.
    std::vector<float> factors(size_t(3 * channels), 0.f);
    float *factor = factors.data(), *average = factor + channels, *correction = average + channels;
    for (int64_t c = 0; c < channels; ++c) {
        const double inverse = f32(savedInvStd)[c], scale = f32(gamma)[c] * inverse;
        f32(dbeta)[c] = float(sums[size_t(c)]);
        f32(dgamma)[c] = float(sums[size_t(channels + c)] * inverse);
        factor[c] = float(scale);
        if (options.training) {
            average[c] = float(sums[size_t(c)] / double(rows));
            correction[c] = float(scale * inverse * inverse * sums[size_t(channels + c)] / double(rows));
        }
    }
    const float *source = f32(x), *value = f32(y), *gradient = f32(dy), *mean = f32(savedMean);
    float *target = f32(dx);
    withActivation(options.activation, [=](auto kind) {
        parallelFor(rows, rowGrain(channels), [=](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row)
                for (int64_t c = 0, i = row * channels; c < channels; ++c, ++i) {
                    const float g = gradient[i] * slope(value[i], kind());
                    target[i] = factor[c] * (g - average[c]) - (source[i] - mean[c]) * correction[c];
                }
        });
    });
}

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
