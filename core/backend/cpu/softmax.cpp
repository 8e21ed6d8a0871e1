// Softmax and the losses over rows. Everything exponential is taken relative to the row's largest value.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/vectormath.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace pretext::cpu {

namespace {

float largestOf(const float *x, int64_t width)
{
    Lanes best = splat(x[0]);
    int64_t i = 0;
    for (; i + kLanes <= width; i += kLanes)
        best = max(best, load(x + i));
    return largest(max(best, loadPart(x + i, width - i, x[0])));
}

/// The sum of exp(x - shift), in double from blocks of a few vectors on; `keep(i, e, count)` gets the exponentials from element i on.
template<class Keep>
double exponentials(const float *x, float shift, int64_t width, Keep keep)
{
    constexpr int64_t kBlock = 16 * kLanes;
    double total = 0;
    for (int64_t first = 0; first < width; first += kBlock) {
        const int64_t last = std::min(width, first + kBlock);
        Lanes block{};
        int64_t i = first;
        for (; i + kLanes <= last; i += kLanes) {
            const Lanes e = exp(load(x + i) - shift);
            keep(i, e, kLanes);
            block += e;
        }
        if (i < last) {
            const Lanes e = exp(loadPart(x + i, last - i, -std::numeric_limits<float>::infinity()) - shift);
            keep(i, e, last - i);
            block += e;
        }
        total += double(sum(block));
    }
    return total;
}

double logSumExp(const float *x, int64_t width)
{
    const float largest = largestOf(x, width);
    return double(largest) + std::log(exponentials(x, largest, width, [](int64_t, Lanes, int64_t) {}));
}

/// y = factor softmax(x)
void softmaxRow(const float *x, float *y, int64_t width, float factor)
{
    const double total = exponentials(x, largestOf(x, width), width, [y](int64_t i, Lanes e, int64_t count) { storePart(y + i, e, count); });
    const float share = float(double(factor) / total);
    for (int64_t i = 0; i < width; ++i)
        y[i] *= share;
}

constexpr int32_t kIgnoredTarget = -1;

void requireTargets(const Tensor &targets, int64_t classes)
{
    const int32_t *target = i32(targets);
    for (int64_t row = 0; row < targets.size(); ++row)
        if (target[row] != kIgnoredTarget && (target[row] < 0 || target[row] >= classes))
            throw std::invalid_argument("[crossEntropy] target " + std::to_string(target[row]) + " of row " + std::to_string(row) + " is not one of "
                                        + std::to_string(classes) + " classes");
}

int64_t countedRows(const Tensor &targets)
{
    return targets.size() - std::count(i32(targets), i32(targets) + targets.size(), kIgnoredTarget);
}

} // namespace

void softmax(const Tensor &x, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    parallelFor(x.size() / width, rowGrain(8 * width), [=, source = f32(x), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            softmaxRow(source + row * width, target + row * width, width, 1.f);
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

void crossEntropy(const Tensor &logits, const Tensor &targets, Tensor &rowLoss, Tensor &loss)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1], counted = countedRows(targets);
    requireTargets(targets, width);
    const double total =
        parallelSum(rows, 1, rowGrain(8 * width), [=, x = f32(logits), target = i32(targets), each = f32(rowLoss)](int64_t begin, int64_t end, double *part) {
            for (int64_t row = begin; row < end; ++row) {
                const double value = target[row] == kIgnoredTarget ? 0.0 : logSumExp(x + row * width, width) - double(x[row * width + target[row]]);
                each[row] = float(value);
                *part += value;
            }
        }).front();
    f32(loss)[0] = float(total / double(std::max<int64_t>(1, counted)));
}

void crossEntropyBackward(const Tensor &logits, const Tensor &targets, const Tensor &dloss, Tensor &dlogits)
{
    const int64_t rows = logits.shape()[0], width = logits.shape()[1];
    const float factor = f32(dloss)[0] / float(std::max<int64_t>(1, countedRows(targets)));
    parallelFor(rows, rowGrain(8 * width), [=, x = f32(logits), target = i32(targets), d = f32(dlogits)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            float *out = d + row * width;
            if (target[row] == kIgnoredTarget) {
                std::fill_n(out, width, 0.f);
                continue;
            }
            softmaxRow(x + row * width, out, width, factor);
            out[target[row]] -= factor;
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
