// Optimizer steps, each one pass over the weight. Formulas and order of operations as PyTorch documents them.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <array>
#include <cmath>

namespace pretext::cpu {

void sgd(const Tensor &gradient, SgdOptions options, Tensor &weight, Tensor &momentum)
{
    parallelFor(weight.size(), kGrain, [=, d = f32(gradient), w = f32(weight), m = f32(momentum)](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const float g = d[i] + options.weightDecay * w[i];
            m[i] = options.momentum * m[i] + g;
            w[i] -= options.learningRate * (options.nesterov ? g + options.momentum * m[i] : m[i]);
        }
    });
}

void adam(const Tensor &gradient, AdamOptions options, Tensor &weight, Tensor &first, Tensor &second)
{
    const double correction1 = 1.0 - std::pow(double(options.beta1), double(options.step));
    const double correction2 = 1.0 - std::pow(double(options.beta2), double(options.step));
    const float rate = float(options.learningRate / correction1), root = float(1.0 / std::sqrt(correction2));
    const float keep = options.decoupled ? 1.f - options.learningRate * options.weightDecay : 1.f;
    const float added = options.decoupled ? 0.f : options.weightDecay;
    const float rest1 = 1.f - options.beta1, rest2 = 1.f - options.beta2;
    parallelFor(weight.size(), kGrain, [=, d = f32(gradient), w = f32(weight), m = f32(first), v = f32(second)](int64_t begin, int64_t end) {
        eachVector(end - begin, [=](auto where) { // by hand, since a root may set errno, which the compiler keeps to
            const Lanes old = where.of(w + begin), g = where.of(d + begin) + added * old;
            const Lanes mean = options.beta1 * where.of(m + begin) + rest1 * g, square = options.beta2 * where.of(v + begin) + rest2 * g * g;
            where.put(m + begin, mean);
            where.put(v + begin, square);
            where.put(w + begin, keep * old - rate * mean / (sqrt(square) * root + options.epsilon));
        });
    });
}

/// You et al. 2017, "Large batch training of convolutional networks", algorithm 1. Where the trust or either norm is zero the rate is not adapted.
void lars(const Tensor &gradient, LarsOptions options, Tensor &weight, Tensor &momentum)
{
    Tensor squares({2});
    sumSquares(std::array{weight, gradient}, squares);
    const double weightNorm = std::sqrt(double(f32(squares)[0])), gradientNorm = std::sqrt(double(f32(squares)[1]));
    const bool adapts = options.trust > 0 && weightNorm > 0 && gradientNorm > 0;
    const double local = adapts ? options.trust * weightNorm / (gradientNorm + options.weightDecay * weightNorm + options.epsilon) : 1.0;
    const float rate = float(options.learningRate * local);
    parallelFor(weight.size(), kGrain, [=, d = f32(gradient), w = f32(weight), m = f32(momentum)](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            m[i] = options.momentum * m[i] + rate * (d[i] + options.weightDecay * w[i]);
            w[i] -= m[i];
        }
    });
}

} // namespace pretext::cpu
