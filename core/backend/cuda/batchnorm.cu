// Batch norm over the rows of [M, C], with the residual and the activation in the same pass. Sums are taken relative to the first row, so that a mean far from
// zero does not eat the variance. Floor: there x read twice, residual and y once; back x, dy and y's signs twice, dx once; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"
#include "core/backend/cuda/unary.h"

namespace pretext::cuda {

namespace {

constexpr int kSigns = 32; // rows in a word

/// Mean and 1 / sqrt(variance + epsilon) of each column, and the running statistics with the unbiased variance.
void batchStatistics(const Tensor &x, int64_t channels, const BatchNormOptions &options, const Tensor &runningMean, const Tensor &runningVar,
                     const Tensor &mean, const Tensor &invStd)
{
    const int64_t rows = x.size() / channels;
    const In from(x);
    const double momentum = double(options.momentum), unbiased = rows > 1 ? double(rows) / double(rows - 1) : 1.0;
    columnSums<2>(
        rows, channels,
        [=] __device__(int64_t row, int64_t c, float *values) {
            const float d = from[row * channels + c] - from[c];
            values[0] = d;
            values[1] = d * d;
        },
        [=, epsilon = double(options.epsilon), movingMean = f32(runningMean), movingVar = f32(runningVar), means = f32(mean),
         inverses = f32(invStd)] __device__(int64_t c, const double *sums) {
            const double offset = sums[0] / double(rows), average = double(from[c]) + offset, squares = sums[1] / double(rows) - offset * offset;
            const double variance = squares < 0 ? 0 : squares; // rounding only; a NaN stays one
            means[c] = float(average);
            inverses[c] = float(1.0 / sqrt(variance + epsilon));
            movingMean[c] = float((1.0 - momentum) * double(movingMean[c]) + momentum * average);
            movingVar[c] = float((1.0 - momentum) * double(movingVar[c]) + momentum * variance * unbiased);
        });
}

/// y, which may be the residual, and its signs where they are wanted; a thread makes a word's rows of one channel.
void normalise(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, Activation kind, const Tensor &mean, const Tensor &invStd,
               const Tensor &y, const Tensor &signs)
{
    const int64_t channels = y.shape()[-1], rows = y.size() / channels;
    forEach(wholeBlocks(rows, kSigns) * channels, [=, from = In(x), added = In(residual), scale = f32(gamma), shift = f32(beta), means = f32(mean),
                                                   inverses = f32(invStd), to = Out(y), words = ints(signs)] __device__(int64_t at) {
        const int64_t c = at % channels, first = at / channels * kSigns;
        const float center = means[c], factor = scale[c] * inverses[c], constant = shift[c];
        uint32_t bits = 0;
        for (int bit = 0; bit < kSigns && first + bit < rows; ++bit) {
            const int64_t i = (first + bit) * channels + c;
            float value = (from[i] - center) * factor + constant;
            if (added)
                value += added[i];
            value = curveOf(kind, value).value;
            to.put(i, value);
            bits |= uint32_t(value > 0.f) << bit;
        }
        if (words)
            words[at] = int32_t(bits);
    });
}

/// dy behind the activation, of which y's value or, of relu, its signs tell the derivative.
struct Behind
{
    Behind(const Tensor &dy, const Tensor &y, Activation kind, int64_t channels)
        : d(dy)
        , value(kind == Activation::relu ? Tensor() : y)
        , words(kind == Activation::relu ? ints(y) : nullptr)
        , kind(kind)
        , channels(channels)
    {
    }
    __device__ float at(int64_t row, int64_t c) const
    {
        const int64_t i = row * channels + c;
        if (kind == Activation::none)
            return d[i];
        if (kind == Activation::relu)
            return uint32_t(words[row / kSigns * channels + c]) >> (row % kSigns) & 1 ? d[i] : 0.f;
        const float v = value[i];
        return kind == Activation::tanh ? d[i] * (1.f - v * v) : d[i] * v * (1.f - v);
    }
    In d, value;
    const int32_t *words;
    Activation kind;
    int64_t channels;
};

} // namespace

void batchNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, Tensor &runningMean,
               Tensor &runningVar, Tensor &savedMean, Tensor &savedInvStd, Tensor &y, Tensor &signs)
{
    if (options.training)
        batchStatistics(x, gamma.size(), options, runningMean, runningVar, savedMean, savedInvStd);
    else
        forEach(gamma.size(), [from = f32(runningMean), variance = f32(runningVar), mean = f32(savedMean), inverse = f32(savedInvStd),
                               epsilon = double(options.epsilon)] __device__(int64_t c) {
            mean[c] = from[c];
            inverse[c] = float(1.0 / sqrt(double(variance[c]) + epsilon));
        });
    normalise(x, gamma, beta, residual, options.activation, savedMean, savedInvStd, y, signs);
}

void batchNormAgain(const Tensor &x, const Tensor &gamma, const Tensor &beta, const Tensor &residual, BatchNormOptions options, const Tensor &savedMean,
                    const Tensor &savedInvStd, Tensor &y)
{
    normalise(x, gamma, beta, residual, options.activation, savedMean, savedInvStd, y, {});
}

/// With g = dy behind the activation, dx = factor (g - average) - (x - mean) correction, of which fixed statistics have the factor alone.
void batchNormBackward(const Tensor &x, const Tensor &y, const Tensor &dy, const Tensor &gamma, const Tensor &savedMean, const Tensor &savedInvStd,
                       BatchNormOptions options, Tensor &dx, Tensor &dgamma, Tensor &dbeta, Tensor &dresidual)
{
    const int64_t channels = gamma.size(), rows = x.size() / channels;
    const Behind g(dy, y, options.activation, channels);
    const In from(x);
    const float *means = f32(savedMean), *inverses = f32(savedInvStd), *scale = f32(gamma);
    const Tensor terms({3, channels}, DType::f32, Device::cuda);
    float *by = f32(terms);
    columnSums<2>(
        rows, channels,
        [=] __device__(int64_t row, int64_t c, float *values) {
            values[0] = g.at(row, c);
            values[1] = values[0] * (from[row * channels + c] - means[c]);
        },
        [=, ofGamma = f32(dgamma), ofBeta = f32(dbeta), training = options.training] __device__(int64_t c, const double *sums) {
            const double inverse = double(inverses[c]), factor = double(scale[c]) * inverse;
            ofBeta[c] = float(sums[0]);
            ofGamma[c] = float(sums[1] * inverse);
            by[c] = float(factor);
            by[channels + c] = training ? float(sums[0] / double(rows)) : 0.f;
            by[2 * channels + c] = training ? float(factor * inverse * inverse * sums[1] / double(rows)) : 0.f;
        });
    forEach(x.size(), [=, to = Out(dx), passed = Out(dresidual)] __device__(int64_t i) {
        const int64_t c = i % channels;
        const float value = g.at(i / channels, c);
        if (passed)
            passed.put(i, value);
        to.put(i, by[c] * (value - by[channels + c]) - (from[i] - means[c]) * by[2 * channels + c]);
    });
}

} // namespace pretext::cuda
