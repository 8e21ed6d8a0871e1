// Options of the backend's operations, in small structs. The exporter reads them back from the tape, so they describe an operation whole.
#pragma once

#include <cstdint>
#include <variant>

namespace pretext {

enum class Activation : uint8_t { none, relu, gelu, tanh, sigmoid };

struct Conv2dOptions { int stride = 1; int padding = 0; }; // square kernels' extent is read from the weight
struct PoolOptions { int kernel = 2; int stride = 2; int padding = 0; };
struct ActivationOptions { Activation kind = Activation::relu; };
struct MatmulOptions { bool transposeA = false; bool transposeB = false; float alpha = 1.f; float beta = 0.f; };
/// y = activation(gamma (x - mean) / sqrt(var + epsilon) + beta + residual)
struct BatchNormOptions { bool training = true; float epsilon = 1e-5f; float momentum = 0.1f; Activation activation = Activation::none; };
struct LayerNormOptions { float epsilon = 1e-5f; };
struct NormalizeOptions { float epsilon = 1e-12f; }; // x / max(|x|_2, epsilon), over the last axis
struct NtXentOptions { float temperature = 0.5f; };
struct ScaleOptions { float factor = 1.f; };

using OperationOptions = std::variant<std::monostate, Conv2dOptions, PoolOptions, ActivationOptions, MatmulOptions, BatchNormOptions,
                                      LayerNormOptions, NormalizeOptions, NtXentOptions, ScaleOptions>;

struct SgdOptions { float learningRate, momentum, weightDecay; bool nesterov; };
struct AdamOptions { float learningRate, beta1, beta2, epsilon, weightDecay; bool decoupled; int64_t step; }; // decoupled: AdamW
/// v <- momentum v + learningRate trust |w| / (|g| + weightDecay |w| + epsilon) (g + weightDecay w); w <- w - v
struct LarsOptions { float learningRate, momentum, weightDecay, trust, epsilon; };

} // namespace pretext
