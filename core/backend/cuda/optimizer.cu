// Optimizer steps, each one pass over the weight. Formulas and order of operations as PyTorch documents them. Floor: adam reads 16 and writes 12 bytes
// a weight, the others 12 and 8; bound by memory, and of small weights by the launch.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

#include <array>
#include <cmath>

namespace pretext::cuda {

void sgd(const Tensor &gradient, SgdOptions options, Tensor &weight, Tensor &momentum)
{
    forEach(weight.size(), [=, d = f32(gradient), w = f32(weight), m = f32(momentum)] __device__(int64_t i) {
        const float g = d[i] + options.weightDecay * w[i];
        m[i] = options.momentum * m[i] + g;
        w[i] -= options.learningRate * (options.nesterov ? g + options.momentum * m[i] : m[i]);
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
    forEach(weight.size(), [=, d = f32(gradient), w = f32(weight), m = f32(first), v = f32(second)] __device__(int64_t i) {
        const float old = w[i], g = d[i] + added * old;
        const float mean = options.beta1 * m[i] + rest1 * g, square = options.beta2 * v[i] + rest2 * g * g;
        m[i] = mean;
        v[i] = square;
        w[i] = keep * old - rate * mean / (sqrtf(square) * root + options.epsilon);
    });
}

/// You et al. 2017, "Large batch training of convolutional networks", algorithm 1. Where the trust or either norm is zero the rate is not adapted.
void lars(const Tensor &gradient, LarsOptions options, Tensor &weight, Tensor &momentum)
{
    Tensor squares({2}, DType::f32, Device::cuda);
    sumSquares(std::array{weight, gradient}, squares);
    forEach(weight.size(), [=, d = f32(gradient), w = f32(weight), m = f32(momentum), norms = f32(squares)] __device__(int64_t i) {
        const double weightNorm = sqrt(double(norms[0])), gradientNorm = sqrt(double(norms[1]));
        const bool adapts = options.trust > 0 && weightNorm > 0 && gradientNorm > 0;
        const double local = adapts ? options.trust * weightNorm / (gradientNorm + options.weightDecay * weightNorm + options.epsilon) : 1.0;
        m[i] = options.momentum * m[i] + float(options.learningRate * local) * (d[i] + options.weightDecay * w[i]);
        w[i] -= m[i];
    });
}

} // namespace pretext::cuda
