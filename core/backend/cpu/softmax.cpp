// Softmax and the losses over rows. Everything exponential is taken relative to the row's largest value.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext::cpu {

namespace {

/// Writes exp(x - max) to y and returns its sum.
double exponentials(const float *x, float *y, int64_t width)
{
    const float largest = *std::max_element(x, x + width);
    double sum = 0;
    for (int64_t i = 0; i < width; ++i) {
        y[i] = std::exp(x[i] - largest);
        sum += double(y[i]);
    }
    return sum;
}

double logSumExp(const float *x, int64_t width)
{
    const float largest = *std::max_element(x, x + width);
    double sum = 0;
    for (int64_t i = 0; i < width; ++i)
        sum += double(std::exp(x[i] - largest));
    return double(largest) + std::log(sum);
}

void softmaxRow(const float *x, float *y, int64_t width)
{
    const float share = float(1.0 / exponentials(x, y, width));
    for (int64_t i = 0; i < width; ++i)
        y[i] *= share;
}

void requireTargets(const Tensor &targets, int64_t classes)
{
    const int32_t *target = i32(targets);
    for (int64_t row = 0; row < targets.size(); ++row)
        if (target[row] < 0 || target[row] >= classes)
            throw std::invalid_argument("[crossEntropy] target " + std::to_string(target[row]) + " of row " + std::to_string(row)
                                        + " is not one of " + std::to_string(classes) + " classes");
}

} // namespace

void softmax(const Tensor &x, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    parallelFor(x.size() / width, rowGrain(8 * width), [=, source = f32(x), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            softmaxRow(source + row * width, target + row * width, width);
    });
}

/// dx_i = y_i (dy_i - sum_j y_j dy_j). It does not change when all of dy shifts; shifted so that the likeliest entry's is zero, nothing
/// near 1 takes part in the sum, and what is left of a nearly certain row's gradient is not lost in a difference.
void softmaxBackward(const Tensor &y, const Tensor &dy, Tensor &dx)
{
    const int64_t width = y.shape()[-1];
    parallelFor(y.size() / width, rowGrain(width), [=, share = f32(y), gradient = f32(dy), target = f32(dx)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *p = share + row * width, *d = gradient + row * width;
            const double origin = d[std::max_element(p, p + width) - p];
            double sum = 0;
            for (int64_t i = 0; i < width; ++i)
                sum += double(p[i]) * (double(d[i]) - origin);
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = float(double(p[i]) * (double(d[i]) - origin - sum));
        }
    });
}

void crossEntropy(const Tensor &logits, const Tensor &targets, Tensor &loss)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1];
    requireTargets(targets, width);
    const double sum = parallelSum(rows, 1, rowGrain(8 * width), [=, x = f32(logits), target = i32(targets)](int64_t begin, int64_t end, double *total) {
        for (int64_t row = begin; row < end; ++row)
            *total += logSumExp(x + row * width, width) - double(x[row * width + target[row]]);
    }).front();
    f32(loss)[0] = float(sum / double(rows));
}

void crossEntropyBackward(const Tensor &logits, const Tensor &targets, const Tensor &dloss, Tensor &dlogits)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1];
    const float factor = f32(dloss)[0] / float(rows);
    parallelFor(rows, rowGrain(8 * width), [=, x = f32(logits), target = i32(targets), d = f32(dlogits)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            float *out = d + row * width;
            softmaxRow(x + row * width, out, width);
            out[target[row]] -= 1.f;
            for (int64_t i = 0; i < width; ++i)
                out[i] *= factor;
        }
    });
}

void meanSquaredError(const Tensor &x, const Tensor &target, Tensor &loss)
{
    const double sum = parallelSum(x.size(), 1, kGrain, [a = f32(x), b = f32(target)](int64_t begin, int64_t end, double *total) {
        for (int64_t i = begin; i < end; ++i)
            *total += (double(a[i]) - double(b[i])) * (double(a[i]) - double(b[i]));
    }).front();
    f32(loss)[0] = float(sum / double(x.size()));
}

void meanSquaredErrorBackward(const Tensor &x, const Tensor &target, const Tensor &dloss, Tensor &dx)
{
    const float factor = 2.f * f32(dloss)[0] / float(x.size());
    parallelFor(x.size(), kGrain, [=, a = f32(x), b = f32(target), d = f32(dx)](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            d[i] = factor * (a[i] - b[i]);
    });
}

} // namespace pretext::cpu
