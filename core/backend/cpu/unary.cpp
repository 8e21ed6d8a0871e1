// Functions of one number, lane by lane. The exponential ones would otherwise cost a transformer as much as a matrix product.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"
#include "core/backend/cpu/unary.h"

#include <algorithm>

namespace pretext::cpu {

namespace {

constexpr float kInverseRootTwoPi = 0.3989422804014327f, kRootTwoOverPi = 0.7978845608028654f, kCubic = 0.044715f;
constexpr int64_t kActivationGrain = kGrain / 8;

/// A function and its derivative, which share most of their work.
struct Curve
{
    Lanes value, slope;
};

Curve reluCurve(Lanes x)
{
    return {x < 0.f ? Lanes{} : x, x > 0.f ? splat(1.f) : Lanes{}};
} // a NaN stays one

Curve geluCurve(Lanes x)
{
    const NormalLanes normal = normalDistribution(x);
    return {x * normal.cumulative, normal.cumulative + x * (kInverseRootTwoPi * normal.bell)};
}

/// (1 + tanh u) / 2 is sigmoid(2 u), and u = sqrt(2 / pi) (x + 0.044715 x^3).
Curve geluTanhCurve(Lanes x)
{
    const Lanes s = sigmoid(2.f * kRootTwoOverPi * x * (1.f + kCubic * x * x));
    return {x * s, s + x * s * (1.f - s) * (2.f * kRootTwoOverPi) * (1.f + 3.f * kCubic * x * x)};
}

Curve tanhCurve(Lanes x)
{
    const Lanes t = tanh(x);
    return {t, 1.f - t * t};
}

Curve sigmoidCurve(Lanes x)
{
    const Lanes s = sigmoid(x);
    return {s, s * (1.f - s)};
}

/// max(x, 0) + log(1 + e) with e = exp(-|x|), of which a small one is not lost in the sum.
Curve softplusCurve(Lanes x)
{
    const Lanes e = exp(x < 0.f ? x : -x), sum = 1.f + e;
    const Lanes rest = sum == 1.f ? e : log(sum) * (e / (sum - 1.f));
    return {(x < 0.f ? Lanes{} : x) + rest, sigmoid(x)};
}

Curve expCurve(Lanes x)
{
    const Lanes y = exp(x);
    return {y, y};
}

Curve sqrtCurve(Lanes x)
{
    const Lanes root = sqrt(x);
    return {root, 0.5f / root};
}

Curve absCurve(Lanes x)
{
    const Lanes sign = x > 0.f ? splat(1.f) : x < 0.f ? splat(-1.f) : Lanes{};
    return {x < 0.f ? -x : x, sign};
}

/// use(curve) with the curve of this kind, which is not `none`.
template<class Use>
void withCurve(Unary kind, Use use)
{
    switch (kind) {
    case Unary::none: return;
    case Unary::relu: return use([](Lanes x) { return reluCurve(x); });
    case Unary::gelu: return use([](Lanes x) { return geluCurve(x); });
    case Unary::geluTanh: return use([](Lanes x) { return geluTanhCurve(x); });
    case Unary::tanh: return use([](Lanes x) { return tanhCurve(x); });
    case Unary::sigmoid: return use([](Lanes x) { return sigmoidCurve(x); });
    case Unary::softplus: return use([](Lanes x) { return softplusCurve(x); });
    case Unary::exp: return use([](Lanes x) { return expCurve(x); });
    case Unary::log: return use([](Lanes x) { return Curve{log(x), 1.f / x}; });
    case Unary::sqrt: return use([](Lanes x) { return sqrtCurve(x); });
    case Unary::square: return use([](Lanes x) { return Curve{x * x, 2.f * x}; });
    case Unary::abs: return use([](Lanes x) { return absCurve(x); });
    }
}

/// y = f(x), of floats or of bfloat16. Not inlined, so that equal x give equal bits wherever they stand.
template<class In, class Out>
[[gnu::noinline]] void activateAll(Unary kind, const In *x, Out *y, int64_t count)
{
    withCurve(kind, [=](auto curve) { eachVector(count, [=](auto where) { where.put(y, curve(where.of(x)).value); }); });
}

template<class In, class Gradient>
void passBack(Unary kind, const In *x, const Gradient *dy, Gradient *dx, int64_t count)
{
    withCurve(kind, [=](auto curve) { eachVector(count, [=](auto where) { where.put(dx, where.of(dy) * curve(where.of(x)).slope); }); });
}

} // namespace

void unary(const Tensor &x, UnaryOptions options, Tensor &y)
{
    if (options.kind == Activation::none)
        return copy(x, y);
    withElements(x, [&](const auto *from) {
        withElements(y, [&](auto *to) {
            parallelFor(y.size(), kActivationGrain,
                        [=, kind = options.kind](int64_t begin, int64_t end) { activateAll(kind, from + begin, to + begin, end - begin); });
        });
    });
}

void unaryBackward(const Tensor &x, const Tensor &dy, UnaryOptions options, Tensor &dx)
{
    if (options.kind == Activation::none)
        return copy(dy, dx);
    withElements(x, [&](const auto *from) {
        withElements(dx, [&]<class T>(T *to) {
            parallelFor(dx.size(), kActivationGrain, [=, d = elements<const T>(dy), kind = options.kind](int64_t begin, int64_t end) {
                passBack(kind, from + begin, d + begin, to + begin, end - begin);
            });
        });
    });
}

void activate(Activation kind, Tensor &y, const Tensor &z, int64_t first, int64_t count)
{
    if (y.type() == DType::bf16)
        return activateAll(kind, bf16(z) + first, bf16(y) + first, count);
    float *values = f32(y) + first;
    if (!z.defined())
        return activateAll(kind, values, values, count);
    withElements(z, [=](auto *kept) {
        eachVector(count, [=, to = kept + first](auto where) { where.put(to, where.of(values)); });
        activateAll(kind, kept + first, values, count);
    });
}

} // namespace pretext::cpu
