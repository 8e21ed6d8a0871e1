// Batch norm over the rows of [M, C], with the residual and the activation in the same pass. Bound by memory: each direction reads its
// input twice, once for the sums over rows and once to write the result. Sums are taken in float over a few rows and in double
// beyond, relative to the first row, so that a mean far from zero does not eat the variance.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>
#include <type_traits>

namespace pretext::cpu {

namespace {

template<Activation kind>
using Kind = std::integral_constant<Activation, kind>;

/// Calls body with the activation as a compile-time constant, so that each has its own vectorised loop.
template<class Body>
void withActivation(Activation kind, Body &&body)
{
    switch (kind) {
    case Activation::relu: return body(Kind<Activation::relu>());
    case Activation::tanh: return body(Kind<Activation::tanh>());
    case Activation::sigmoid: return body(Kind<Activation::sigmoid>());
    default: return body(Kind<Activation::none>());
    }
}

template<Activation kind>
float activate(float v)
{
    if constexpr (kind == Activation::relu)
        return v < 0.f ? 0.f : v; // a NaN stays one
    else if constexpr (kind == Activation::tanh)
        return std::tanh(v);
    else if constexpr (kind == Activation::sigmoid)
        return 1.f / (1.f + std::exp(-v));
    else
        return v;
}

/// The activation's derivative along a row, which is had from its values, of relu from their signs.
template<Activation kind>
struct Derivative
{
    const float *y;
    Derivative(const Tensor &kept, int64_t row, int64_t channels)
        : y(kind == Activation::none ? nullptr : f32(kept) + row * channels)
    {
    }
    float times(float d, [[maybe_unused]] int64_t c) const
    {
        if constexpr (kind == Activation::tanh)
            return d * (1.f - y[c] * y[c]);
        else if constexpr (kind == Activation::sigmoid)
            return d * y[c] * (1.f - y[c]);
        else
            return d;
    }
};

constexpr int64_t kSigns = 32; // rows in a word

template<>
struct Derivative<Activation::relu>
{
    const int32_t *words;
    int bit;
    Derivative(const Tensor &kept, int64_t row, int64_t channels)
        : words(i32(kept) + row / kSigns * channels), bit(int(row % kSigns))
    {
    }
    float times(float d, int64_t c) const { return words[c] >> bit & 1 ? d : 0.f; }
};

void addMoments(const float *__restrict x, const float *__restrict pivot, int64_t channels, float *__restrict sums)
{
    float *squares = sums + channels;
    for (int64_t c = 0; c < channels; ++c) {
        const float d = x[c] - pivot[c];
        sums[c] += d;
        squares[c] += d * d;
    }
}

/// Mean and 1 / sqrt(variance + epsilon) of each column, and the running statistics with the unbiased variance.
void batchStatistics(const Tensor &x, const BatchNormOptions &options, Tensor &runningMean, Tensor &runningVar, Tensor &mean, Tensor &invStd)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    const float *data = f32(x);
    const auto sums = columnSums(rows, 2 * channels, [=](int64_t row, float *block) { addMoments(data + row * channels, data, channels, block); });
    const double keep = 1.0 - double(options.momentum), unbiased = rows > 1 ? double(rows) / double(rows - 1) : 1.0;
    for (int64_t c = 0; c < channels; ++c) {
        const double offset = sums[size_t(c)] / double(rows), average = double(data[c]) + offset;
        const double squares = sums[size_t(channels + c)] / double(rows) - offset * offset;
        const double variance = squares < 0 ? 0 : squares; // rounding only; a NaN stays one
        f32(mean)[c] = float(average);
        f32(invStd)[c] = float(1.0 / std::sqrt(variance + double(options.epsilon)));
        f32(runningMean)[c] = float(keep * double(f32(runningMean)[c]) + double(options.momentum) * average);
        f32(runningVar)[c] = float(keep * double(f32(runningVar)[c]) + double(options.momentum) * variance * unbiased);
    }
}

template<Activation kind>
void normalizeRow(const float *x, const float *residual, const float *mean, const float *factor, const float *beta, int64_t channels, float *y)
{
    if (residual)
#pragma GCC ivdep // y may be the residual
        for (int64_t c = 0; c < channels; ++c)
            y[c] = activate<kind>((x[c] - mean[c]) * factor[c] + beta[c] + residual[c]);
    else
#pragma GCC ivdep
        for (int64_t c = 0; c < channels; ++c)
            y[c] = activate<kind>((x[c] - mean[c]) * factor[c] + beta[c]);
}

/// A row of y into one bit of the words.
void noteSigns(const float *__restrict y, int bit, int64_t channels, int32_t *__restrict words)
{
    if (bit == 0)
        std::fill_n(words, channels, 0);
    for (int64_t c = 0; c < channels; ++c)
        words[c] |= int32_t(uint32_t(y[c] > 0.f) << bit);
}

void normalise(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, const Tensor &mean,
               const Tensor &invStd, Tensor &y, Tensor signs)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    Tensor factor({channels});
    multiply(gamma, invStd, factor);
    const float *added = residual.defined() ? f32(residual) : nullptr;
    withActivation(options.activation, [&](auto kind) {
        parallelFor((rows + kSigns - 1) / kSigns, std::max<int64_t>(1, rowGrain(channels) / kSigns), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin * kSigns; row < std::min(end * kSigns, rows); ++row) {
                const int64_t i = row * channels;
                normalizeRow<kind()>(f32(x) + i, added ? added + i : nullptr, f32(mean), f32(factor), f32(beta), channels, f32(y) + i);
                if (signs.defined())
                    noteSigns(f32(y) + i, int(row % kSigns), channels, i32(signs) + row / kSigns * channels);
            }
        });
    });
}

} // namespace

void batchNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, Tensor &runningMean,
               Tensor &runningVar, Tensor &savedMean, Tensor &savedInvStd, Tensor &y, Tensor &signs)
{
    if (options.training) {
        batchStatistics(x, options, runningMean, runningVar, savedMean, savedInvStd);
    } else {
        copy(runningMean, savedMean);
        for (int64_t c = 0; c < savedInvStd.size(); ++c)
            f32(savedInvStd)[c] = float(1.0 / std::sqrt(double(f32(runningVar)[c]) + double(options.epsilon)));
    }
    normalise(x, gamma, beta, residual, options, savedMean, savedInvStd, y, signs);
}

void batchNormAgain(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options,
                    const Tensor &savedMean, const Tensor &savedInvStd, Tensor &y)
{
    normalise(x, gamma, beta, residual, options, savedMean, savedInvStd, y, {});
}

namespace {

/// Sums of g and of g (x - mean), where g = dy activation'(y); g is also written where it is wanted, which may be dy.
template<Activation kind>
void addGradients(const float *__restrict x, Derivative<kind> derivative, const float *dy, const float *__restrict mean, int64_t channels, float *g,
                  float *__restrict sums)
{
    float *products = sums + channels;
    for (int64_t c = 0; c < channels; ++c) {
        const float d = derivative.times(dy[c], c);
        sums[c] += d;
        products[c] += d * (x[c] - mean[c]);
    }
    if (g)
#pragma GCC ivdep
        for (int64_t c = 0; c < channels; ++c)
            g[c] = derivative.times(dy[c], c);
}

/// dx = factor (g - average) - (x - mean) correction; dx may be dy
template<Activation kind>
void gradientRow(const float *x, Derivative<kind> derivative, const float *dy, const float *mean, const float *factor, const float *average,
                 const float *correction, int64_t channels, float *dx)
{
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c)
        dx[c] = factor[c] * (derivative.times(dy[c], c) - average[c]) - (x[c] - mean[c]) * correction[c];
}

} // namespace

void batchNormBackward(const Tensor &x, const Tensor &y, const Tensor &dy, const Tensor &gamma, const Tensor &savedMean, const Tensor &savedInvStd,
                       BatchNormOptions options, Tensor &dx, Tensor &dgamma, Tensor &dbeta, Tensor &dresidual)
{
    const int64_t channels = x.shape()[-1], rows = x.size() / channels;
    float *g = dresidual.defined() ? f32(dresidual) : nullptr;
    std::vector<double> sums;
    withActivation(options.activation, [&](auto kind) {
        sums = columnSums(rows, 2 * channels, [&](int64_t row, float *block) {
            const int64_t i = row * channels;
            addGradients(f32(x) + i, Derivative<kind()>(y, row, channels), f32(dy) + i, f32(savedMean), channels, g ? g + i : nullptr, block);
        });
    });
    Tensor factor({channels}), average = Tensor::zeros({channels}), correction = Tensor::zeros({channels}); // fixed statistics correct nothing
    for (int64_t c = 0; c < channels; ++c) {
        const double inverse = double(f32(savedInvStd)[c]), scale = double(f32(gamma)[c]) * inverse;
        f32(dbeta)[c] = float(sums[size_t(c)]);
        f32(dgamma)[c] = float(sums[size_t(channels + c)] * inverse);
        f32(factor)[c] = float(scale);
        if (options.training) {
            f32(average)[c] = float(sums[size_t(c)] / double(rows));
            f32(correction)[c] = float(scale * inverse * inverse * sums[size_t(channels + c)] / double(rows));
        }
    }
    const float *gradient = g ? g : f32(dy); // what the first pass wrote is already behind the activation
    withActivation(g ? Activation::none : options.activation, [&](auto kind) {
        parallelFor(rows, rowGrain(channels), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                const int64_t i = row * channels;
                gradientRow(f32(x) + i, Derivative<kind()>(y, row, channels), gradient + i, f32(savedMean), f32(factor), f32(average),
                            f32(correction), channels, f32(dx) + i);
            }
        });
    });
}

} // namespace pretext::cpu
