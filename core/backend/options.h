// Options of the backend's operations, in small structs. The exporter reads them back from the tape, so they describe an operation whole.
#pragma once

#include <cstdint>
#include <variant>

namespace pretext {

/// Functions of one number; `none` is x itself. gelu by erf (BERT); geluTanh: its approximation (GPT-2). softplus is log(1 + exp x).
enum class Unary : uint8_t { none, relu, gelu, geluTanh, tanh, sigmoid, softplus, exp, log, sqrt, square, abs };
using Activation = Unary; // what a layer's result goes through

/// "relu"; for the tape and messages.
const char *nameOf(Unary kind);

/// Of the factors of a layer's products, whose sums are always floats: bf16 rounds them to eight significant bits, and what a linear
/// layer's activation is applied to; tf32, by a card's tensor cores, to eleven, and is f32 everywhere else.
enum class Precision : uint8_t { f32, bf16, tf32 };

/// Along rows and columns of an image; one number is both.
struct Extent2
{
    constexpr Extent2(int both = 1) : y(both), x(both) {}
    constexpr Extent2(int y, int x) : y(y), x(x) {}
    friend bool operator==(const Extent2 &, const Extent2 &) = default;
    constexpr bool square() const { return y == x; }
    int y, x;
};

struct Conv2dOptions
{
    Extent2 stride = 1;
    Extent2 padding = 0;
    Precision precision = Precision::f32; // of maps that are f32; narrow ones are multiplied as they are
};                                        // the kernel's extents are read from the weight
struct PoolOptions
{
    Extent2 kernel = 2;
    Extent2 stride = 2;
    Extent2 padding = 0;
};
enum class Binary : uint8_t { add, subtract, multiply, divide };
enum class Reduction : uint8_t { sum, mean, max };

struct BinaryOptions
{
    Binary kind = Binary::add;
};
struct ReduceOptions
{
    Reduction kind = Reduction::sum;
    int axis = 0;
};
struct UnaryOptions
{
    Unary kind = Unary::relu;
};
struct MatmulOptions
{
    bool transposeA = false;
    bool transposeB = false;
    float alpha = 1.f;
    float beta = 0.f;
    Precision precision = Precision::f32;
};
struct LinearOptions
{
    Activation activation = Activation::none;
    Precision precision = Precision::f32;
};
/// y = activation(gamma (x - mean) / sqrt(var + epsilon) + beta + residual)
struct BatchNormOptions
{
    bool training = true;
    float epsilon = 1e-5f;
    float momentum = 0.1f;
    Activation activation = Activation::none;
};
struct LayerNormOptions
{
    float epsilon = 1e-5f;
};
struct NormalizeOptions
{
    float epsilon = 1e-12f;
}; // x / max(|x|_2, epsilon), over the last axis
struct NtXentOptions
{
    float temperature = 0.5f;
};
struct SliceOptions
{
    int axis = 0;
    int64_t first = 0;
};
struct SwapOptions
{
    int axis = 0;
}; // and the one behind it
struct ScaleOptions
{
    float factor = 1.f;
};
/// What fixes a dropout mask, whatever the number of threads: the run's seed, the step, and the place among the step's dropouts.
struct DropoutKey
{
    uint64_t seed = 0;
    uint32_t step = 0, site = 0;
};
struct DropoutOptions
{
    float rate = 0.f;
    DropoutKey key;
};
/// softmax(q k^T / sqrt(Dh)) v in each head; causal: a query sees no later key. `dropout` acts on the attention weights.
struct AttentionOptions
{
    int heads = 1;
    bool causal = false;
    DropoutOptions dropout = {};
};

using OperationOptions =
    std::variant<std::monostate, Conv2dOptions, PoolOptions, UnaryOptions, MatmulOptions, BatchNormOptions, LayerNormOptions, NormalizeOptions, NtXentOptions,
                 ScaleOptions, DropoutOptions, AttentionOptions, SliceOptions, SwapOptions, BinaryOptions, ReduceOptions>;

struct SgdOptions
{
    float learningRate, momentum, weightDecay;
    bool nesterov;
};
struct AdamOptions
{
    float learningRate, beta1, beta2, epsilon, weightDecay;
    bool decoupled;
    int64_t step;
}; // decoupled: AdamW
/// v <- momentum v + learningRate trust |w| / (|g| + weightDecay |w| + epsilon) (g + weightDecay w); w <- w - v
struct LarsOptions
{
    float learningRate, momentum, weightDecay, trust, epsilon;
};

} // namespace pretext
