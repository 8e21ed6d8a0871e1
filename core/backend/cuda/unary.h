// Functions of one number and their derivatives, for those who have just computed it.
#pragma once

#include "core/backend/cuda/launch.h"
#include "core/backend/options.h"

namespace pretext::cuda {

/// A function and its derivative, which share most of their work; what is not used is not computed.
struct Curve
{
    float value, slope;
};

__device__ inline float sigmoidOf(float x)
{
    const float e = expf(x < 0.f ? x : -x); // never large
    return (x < 0.f ? e : 1.f) / (1.f + e);
}

__device__ inline Curve geluCurve(float x)
{
    constexpr float kInverseRootTwoPi = 0.3989422804014327f, kInverseRootTwo = 0.7071067811865476f;
    const float cumulative = 0.5f * erfcf(-x * kInverseRootTwo);
    return {x * cumulative, cumulative + x * (kInverseRootTwoPi * expf(-0.5f * x * x))};
}

/// (1 + tanh u) / 2 is sigmoid(2 u), and u = sqrt(2 / pi) (x + 0.044715 x^3).
__device__ inline Curve geluTanhCurve(float x)
{
    constexpr float kRootTwoOverPi = 0.7978845608028654f, kCubic = 0.044715f;
    const float s = sigmoidOf(2.f * kRootTwoOverPi * x * (1.f + kCubic * x * x));
    return {x * s, s + x * s * (1.f - s) * (2.f * kRootTwoOverPi) * (1.f + 3.f * kCubic * x * x)};
}

__device__ inline Curve curveOf(Unary kind, float x)
{
    switch (kind) {
    case Unary::none: break;
    case Unary::relu: return {x < 0.f ? 0.f : x, x > 0.f ? 1.f : 0.f}; // a NaN stays one
    case Unary::gelu: return geluCurve(x);
    case Unary::geluTanh: return geluTanhCurve(x);
    case Unary::tanh: {
        const float t = tanhf(x);
        return {t, 1.f - t * t};
    }
    case Unary::sigmoid: {
        const float s = sigmoidOf(x);
        return {s, s * (1.f - s)};
    }
    case Unary::softplus: return {(x < 0.f ? 0.f : x) + log1pf(expf(x < 0.f ? x : -x)), sigmoidOf(x)};
    case Unary::exp: {
        const float e = expf(x);
        return {e, e};
    }
    case Unary::log: return {logf(x), 1.f / x};
    case Unary::sqrt: {
        const float root = sqrtf(x);
        return {root, 0.5f / root};
    }
    case Unary::square: return {x * x, 2.f * x};
    case Unary::abs: return {x < 0.f ? -x : x, x > 0.f ? 1.f : x < 0.f ? -1.f : 0.f};
    }
    return {x, 1.f};
}

} // namespace pretext::cuda
