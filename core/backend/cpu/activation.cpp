// Activations. The exponential ones would otherwise cost a transformer as much as a matrix product.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/vectormath.h"

namespace pretext::cpu {

namespace {

constexpr float kInverseRootTwoPi = 0.3989422804014327f, kRootTwoOverPi = 0.7978845608028654f, kCubic = 0.044715f;
constexpr int64_t kActivationGrain = kGrain / 8;

Lanes gelu(Lanes x) { return x * normalDistribution(x).cumulative; }

Lanes geluSlope(Lanes x)
{
    const NormalLanes normal = normalDistribution(x);
    return normal.cumulative + x * (kInverseRootTwoPi * normal.bell);
}

/// (1 + tanh u) / 2 is sigmoid(2 u), and u = sqrt(2 / pi) (x + 0.044715 x^3).
Lanes geluTanh(Lanes x) { return x * sigmoid(2.f * kRootTwoOverPi * x * (1.f + kCubic * x * x)); }

Lanes geluTanhSlope(Lanes x)
{
    const Lanes s = sigmoid(2.f * kRootTwoOverPi * x * (1.f + kCubic * x * x));
    return s + x * s * (1.f - s) * (2.f * kRootTwoOverPi) * (1.f + 3.f * kCubic * x * x);
}

template<class Function>
void map(const Tensor &x, Tensor &y, Function function)
{
    parallelFor(y.size(), kActivationGrain, [source = f32(x), target = f32(y), function](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + kLanes <= end; i += kLanes)
            store(target + i, function(load(source + i)));
        storePart(target + i, function(loadPart(source + i, end - i)), end - i);
    });
}

template<class Function>
void map(const Tensor &x, const Tensor &dy, Tensor &dx, Function function)
{
    parallelFor(dx.size(), kActivationGrain, [source = f32(x), gradient = f32(dy), target = f32(dx), function](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + kLanes <= end; i += kLanes)
            store(target + i, function(load(source + i), load(gradient + i)));
        storePart(target + i, function(loadPart(source + i, end - i), loadPart(gradient + i, end - i)), end - i);
    });
}

} // namespace

void activation(const Tensor &x, ActivationOptions options, Tensor &y)
{
    switch (options.kind) {
    case Activation::none: return copy(x, y);
    case Activation::relu: return map(x, y, [](Lanes v) { return v < 0.f ? Lanes{} : v; }); // a NaN stays one
    case Activation::gelu: return map(x, y, gelu);
    case Activation::geluTanh: return map(x, y, geluTanh);
    case Activation::tanh: return map(x, y, [](Lanes v) { return tanh(v); });
    case Activation::sigmoid: return map(x, y, [](Lanes v) { return sigmoid(v); });
    }
}

void activationBackward(const Tensor &x, const Tensor &dy, ActivationOptions options, Tensor &dx)
{
    switch (options.kind) {
    case Activation::none: return copy(dy, dx);
    case Activation::relu: return map(x, dy, dx, [](Lanes v, Lanes d) { return v > 0.f ? d : Lanes{}; });
    case Activation::gelu: return map(x, dy, dx, [](Lanes v, Lanes d) { return d * geluSlope(v); });
    case Activation::geluTanh: return map(x, dy, dx, [](Lanes v, Lanes d) { return d * geluTanhSlope(v); });
    case Activation::tanh: return map(x, dy, dx, [](Lanes v, Lanes d) { const Lanes t = tanh(v); return d * (1.f - t * t); });
    case Activation::sigmoid: return map(x, dy, dx, [](Lanes v, Lanes d) { const Lanes s = sigmoid(v); return d * s * (1.f - s); });
    }
}

} // namespace pretext::cpu
