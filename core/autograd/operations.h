// The differentiable operations. Shapes: N batch, H W extents, C channels in, K out, R kernel, M rows, D features.
// All throw std::invalid_argument("[operation] ... both shapes ...") on shapes that do not fit.
#pragma once

#include "core/autograd/variable.h"

namespace pretext {

// elementwise.cpp
Variable add(const Variable &a, const Variable &b);
Variable multiply(const Variable &a, const Variable &b);
Variable scale(const Variable &x, float factor);
Variable activation(const Variable &x, Activation kind);
inline Variable relu(const Variable &x) { return activation(x, Activation::relu); }

// matmul.cpp
Variable matmul(const Variable &a, const Variable &b, bool transposeA = false, bool transposeB = false); // [M, K] x [K, D]
Variable linear(const Variable &x, const Variable &weight, const Variable &bias = {}); // x [M, C], weight [D, C], bias [D] -> [M, D]

// shape.cpp
Variable reshape(const Variable &x, const Shape &shape);
Variable flatten(const Variable &x);                              // [N, ...] -> [N, rest]
Variable concatRows(const Variable &a, const Variable &b);        // along axis 0

// conv.cpp
Variable conv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options); // x [N, H, W, C], weight [K, R, R, C]

// norm.cpp
struct BatchNormState { Tensor runningMean, runningVar; };        // [C]; unbiased variance, as PyTorch keeps it
/// activation(batchNorm(x) + residual); `residual` may be undefined. Over all axes but the last. On the tape its inputs are x, gamma, beta,
/// the running mean and variance, and the residual where there is one.
Variable batchNorm(const Variable &x, const Variable &gamma, const Variable &beta, BatchNormState &state, BatchNormOptions options,
                   const Variable &residual = {});
Variable layerNorm(const Variable &x, const Variable &gamma, const Variable &beta, LayerNormOptions options = {});
Variable normalize(const Variable &x, NormalizeOptions options = {}); // unit L2 rows

// pool.cpp
Variable maxPool(const Variable &x, PoolOptions options);
Variable avgPool(const Variable &x, PoolOptions options);         // kernel 0: global, -> [N, C]

// softmax.cpp
Variable softmax(const Variable &x);
Variable crossEntropy(const Variable &logits, const Tensor &targets); // [M, D], i32 [M] -> mean, [1]
Variable meanSquaredError(const Variable &x, const Variable &target); // mean over all elements, [1]

// contrastive.cpp
/// NT-Xent (Chen et al. 2020, eq. 1, averaged over 2N anchors). z [2N, D] with unit rows, rows i and i + N positive -> [1].
Variable ntXent(const Variable &z, float temperature);

} // namespace pretext
