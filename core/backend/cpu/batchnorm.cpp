// Batch norm over the rows of [M, C], with the residual and the activation in the same pass. Bound by memory: each direction reads its
// input twice, once for the sums over rows and once to write the result. Sums are taken in float over a few rows and in double
// beyond, relative to the first row, so that a mean far from zero does not eat the variance. Rows are floats or bfloat16, sums never.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <cmath>
#include <type_traits>

namespace pretext::cpu {

namespace {

template<Activation kind>
using Kind = std::integral_constant<Activation, kind>;

/// Calls body with the activation as a compile-time constant, so that each has its own loop.
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
Lanes activate(Lanes v)
{
    if constexpr (kind == Activation::relu)
        return v < 0.f ? Lanes{} : v; // a NaN stays one
    else if constexpr (kind == Activation::tanh)
        return tanh(v);
    else if constexpr (kind == Activation::sigmoid)
        return sigmoid(v);
    else
        return v;
}

/// The activation's derivative along a row of y, which is had from its values.
template<Activation kind, class T>
struct Derivative
{
    const T *y;
    Derivative(const Tensor &kept, int64_t row, int64_t channels) : y(kind == Activation::none ? nullptr : elements<const T>(kept) + row * channels) {}
    Lanes times(Lanes d, [[maybe_unused]] auto where) const
    {
        if constexpr (kind == Activation::none)
            return d;
        else {
            const Lanes value = where.of(y);
            return kind == Activation::tanh ? d * (1.f - value * value) : d * value * (1.f - value);
        }
    }
};

constexpr int64_t kSigns = 32; // rows in a word

/// That of relu, from its signs.
template<class T>
struct Derivative<Activation::relu, T>
{
    const int32_t *words;
    int bit;
    Derivative(const Tensor &kept, int64_t row, int64_t channels) : words(i32(kept) + row / kSigns * channels), bit(int(row % kSigns)) {}
    Lanes times(Lanes d, auto where) const { return (where.of(words) >> bit & 1) != 0 ? d : Lanes{}; }
};

/// Sums over rows of two values of each channel, [2, channels]: valuesOf(row, where) gives a vector of both. In float over a few rows.
template<class ValuesOf>
std::vector<double> sumsOfPairs(int64_t rows, int64_t channels, ValuesOf valuesOf)
{
    constexpr int64_t kTogether = 16;
    return parallelSum(rows, 2 * channels, rowGrain(2 * channels), [&](int64_t begin, int64_t end, double *sums) {
        for (int64_t first = begin; first < end; first += kTogether)
            eachVector(channels, [&](auto where) {
                Lanes some[2] = {};
                for (int64_t row = first; row < std::min(end, first + kTogether); ++row) {
                    const auto [one, other] = valuesOf(row, where);
                    some[0] += one;
                    some[1] += other;
                }
                for (int64_t which = 0; which < 2; ++which)
                    for (int64_t lane = 0; lane < where.count; ++lane)
                        sums[which * channels + where.at + lane] += double(some[which][lane]);
            });
    });
}

/// Mean and 1 / sqrt(variance + epsilon) of each column, and the running statistics with the unbiased variance.
template<class T>
void batchStatistics(const T *x, int64_t rows, int64_t channels, const BatchNormOptions &options, Tensor &runningMean, Tensor &runningVar, Tensor &mean,
                     Tensor &invStd)
{
    std::vector<float> pivot(static_cast<size_t>(channels));
    eachVector(channels, [&](auto where) { where.put(pivot.data(), where.of(x)); });
    const auto sums = sumsOfPairs(rows, channels, [&](int64_t row, auto where) {
        const Lanes d = where.of(x + row * channels) - where.of(pivot.data());
        return std::pair(d, d * d);
    });
    const double keep = 1.0 - double(options.momentum), unbiased = rows > 1 ? double(rows) / double(rows - 1) : 1.0;
    for (int64_t c = 0; c < channels; ++c) {
        const double offset = sums[size_t(c)] / double(rows), average = double(pivot[size_t(c)]) + offset;
        const double squares = sums[size_t(channels + c)] / double(rows) - offset * offset;
        const double variance = squares < 0 ? 0 : squares; // rounding only; a NaN stays one
        f32(mean)[c] = float(average);
        f32(invStd)[c] = float(1.0 / std::sqrt(variance + double(options.epsilon)));
        f32(runningMean)[c] = float(keep * double(f32(runningMean)[c]) + double(options.momentum) * average);
        f32(runningVar)[c] = float(keep * double(f32(runningVar)[c]) + double(options.momentum) * variance * unbiased);
    }
}

/// What a row of y is made with.
struct Affine
{
    const float *mean, *factor, *beta;
};

/// y, which may be the residual, and its signs, a bit in each of the words, where they are wanted.
template<Activation kind, class T>
void normalizeRow(const T *x, const T *residual, Affine by, int64_t channels, T *y, int32_t *words, int bit)
{
    eachVector(channels, [=](auto where) {
        Lanes value = (where.of(x) - where.of(by.mean)) * where.of(by.factor) + where.of(by.beta);
        if (residual)
            value += where.of(residual);
        value = activate<kind>(value);
        where.put(y, value);
        if (words)
            where.put(words, (bit ? where.of(words) : IntLanes{}) | ((value > 0.f) & int32_t(1u << bit)));
    });
}

template<class T>
void normalise(const T *x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, Activation activation, const Tensor &mean, const Tensor &invStd,
               Tensor &y, Tensor signs)
{
    const int64_t channels = y.shape()[-1], rows = y.size() / channels;
    Tensor factor({channels});
    binary(gamma, invStd, {Binary::multiply}, factor);
    const Affine by{f32(mean), f32(factor), f32(beta)};
    withActivation(activation, [&, added = elements<const T>(residual)](auto kind) {
        parallelFor((rows + kSigns - 1) / kSigns, std::max<int64_t>(1, rowGrain(channels) / kSigns), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin * kSigns; row < std::min(end * kSigns, rows); ++row) {
                const int64_t i = row * channels;
                normalizeRow<kind()>(x + i, added ? added + i : nullptr, by, channels, elements<T>(y) + i,
                                     signs.defined() ? i32(signs) + row / kSigns * channels : nullptr, int(row % kSigns));
            }
        });
    });
}

} // namespace

void batchNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, Tensor &runningMean,
               Tensor &runningVar, Tensor &savedMean, Tensor &savedInvStd, Tensor &y, Tensor &signs)
{
    withElements(x, [&](const auto *data) {
        if (options.training) {
            batchStatistics(data, x.size() / gamma.size(), gamma.size(), options, runningMean, runningVar, savedMean, savedInvStd);
        } else {
            copy(runningMean, savedMean);
            for (int64_t c = 0; c < savedInvStd.size(); ++c)
                f32(savedInvStd)[c] = float(1.0 / std::sqrt(double(f32(runningVar)[c]) + double(options.epsilon)));
        }
        normalise(data, gamma, beta, residual, options.activation, savedMean, savedInvStd, y, signs);
    });
}

void batchNormAgain(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, const Tensor &savedMean,
                    const Tensor &savedInvStd, Tensor &y)
{
    withElements(x, [&](const auto *data) { normalise(data, gamma, beta, residual, options.activation, savedMean, savedInvStd, y, {}); });
}

namespace {

/// What turns g into the gradient of x: dx = factor (g - average) - (x - mean) correction.
struct Correction
{
    Correction(int64_t channels) : factor({channels}), average(Tensor::zeros({channels})), correction(Tensor::zeros({channels})) {}
    Tensor factor, average, correction; // fixed statistics correct nothing
};

/// dx may be dy.
template<Activation kind, class T>
void gradientRow(const T *x, Derivative<kind, T> derivative, const T *dy, const float *mean, const Correction &by, int64_t channels, T *dx)
{
    eachVector(channels, [=, factor = f32(by.factor), average = f32(by.average), correction = f32(by.correction)](auto where) {
        const Lanes g = derivative.times(where.of(dy), where);
        where.put(dx, where.of(factor) * (g - where.of(average)) - (where.of(x) - where.of(mean)) * where.of(correction));
    });
}

template<class T>
void backwardOf(const T *x, const Tensor &y, const T *dy, const Tensor &gamma, const Tensor &mean, const Tensor &invStd, BatchNormOptions options, T *dx,
                int64_t rows, Tensor &dgamma, Tensor &dbeta, T *g)
{
    const int64_t channels = gamma.size();
    std::vector<double> sums; // of g and of g (x - mean), where g = dy activation'(y), which is also written where it is wanted, maybe over dy
    withActivation(options.activation, [&](auto kind) {
        sums = sumsOfPairs(rows, channels, [&](int64_t row, auto where) {
            const int64_t i = row * channels;
            const Lanes d = Derivative<kind(), T>(y, row, channels).times(where.of(dy + i), where);
            if (g)
                where.put(g + i, d);
            return std::pair(d, d * (where.of(x + i) - where.of(f32(mean))));
        });
    });
    const Correction by(channels);
    for (int64_t c = 0; c < channels; ++c) {
        const double inverse = double(f32(invStd)[c]), scale = double(f32(gamma)[c]) * inverse;
        f32(dbeta)[c] = float(sums[size_t(c)]);
        f32(dgamma)[c] = float(sums[size_t(channels + c)] * inverse);
        f32(by.factor)[c] = float(scale);
        if (options.training) {
            f32(by.average)[c] = float(sums[size_t(c)] / double(rows));
            f32(by.correction)[c] = float(scale * inverse * inverse * sums[size_t(channels + c)] / double(rows));
        }
    }
    const T *gradient = g ? g : dy; // what the first pass wrote is already behind the activation
    withActivation(g ? Activation::none : options.activation, [&](auto kind) {
        parallelFor(rows, rowGrain(channels), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                const int64_t i = row * channels;
                gradientRow(x + i, Derivative<kind(), T>(y, row, channels), gradient + i, f32(mean), by, channels, dx + i);
            }
        });
    });
}

} // namespace

void batchNormBackward(const Tensor &x, const Tensor &y, const Tensor &dy, const Tensor &gamma, const Tensor &savedMean, const Tensor &savedInvStd,
                       BatchNormOptions options, Tensor &dx, Tensor &dgamma, Tensor &dbeta, Tensor &dresidual)
{
    withElements(dx, [&]<class T>(T *to) {
        backwardOf(elements<const T>(x), y, elements<const T>(dy), gamma, savedMean, savedInvStd, options, to, x.size() / gamma.size(), dgamma, dbeta,
                   elements<T>(dresidual));
    });
}

} // namespace pretext::cpu
