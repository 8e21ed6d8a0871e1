// The differentiable operations. Shapes: N batch, H W extents, C channels in, K out, R S kernel, M rows, T positions, D features.
// All throw std::invalid_argument("[operation] ... both shapes ...") on shapes that do not fit.
#pragma once

#include "core/autograd/variable.h"
#include "core/backend/attentionmask.h"

namespace pretext {

// elementwise.cpp
/// A map of bf16 as f32, anything else as it is. Others than convolutions, batch norm, average pooling and reshaping take f32 alone.
Variable floats(const Variable &x);
Variable scale(const Variable &x, float factor);
/// x itself; its gradient is multiplied by `mask`, of the same shape.
Variable maskGradient(const Variable &x, const Tensor &mask);

// binary.cpp. Shapes are equal, or an axis is 1 in one of them, or missing in front: a row [1, D] or [D] and a column [N, 1] are taken with each
// row and column of [N, D], and [1] with everything. The result has the larger extent of each axis.
Variable add(const Variable &a, const Variable &b);
Variable add(const Variable &x, float number);
Variable subtract(const Variable &a, const Variable &b);
Variable multiply(const Variable &a, const Variable &b);
Variable divide(const Variable &a, const Variable &b);

// reduce.cpp. The axis stays, with extent 1, so that the result goes with x again: along axis 0 of [N, D] -> [1, D], along axis 1 -> [N, 1]. A
// negative axis counts from the end. A mean and a maximum of nothing are refused.
Variable sum(const Variable &x, int axis);
Variable mean(const Variable &x, int axis);
/// The gradient goes to the first of the largest.
Variable max(const Variable &x, int axis);
/// What stands once along an axis `count` times: a mask token's [1, D] -> [count, D].
Variable repeat(const Variable &x, int axis, int64_t count);
/// Of all elements, -> [1].
Variable sum(const Variable &x);
Variable mean(const Variable &x);

// unary.cpp. Each element by itself, of any shape.
Variable unary(const Variable &x, Unary kind);
inline Variable activation(const Variable &x, Activation kind)
{
    return unary(x, kind);
}
inline Variable relu(const Variable &x)
{
    return unary(x, Unary::relu);
}
inline Variable exp(const Variable &x)
{
    return unary(x, Unary::exp);
}
/// Of 0 it is minus infinity, of less NaN.
inline Variable log(const Variable &x)
{
    return unary(x, Unary::log);
}
/// Its gradient at 0 is infinite, so add something small to what may be 0.
inline Variable sqrt(const Variable &x)
{
    return unary(x, Unary::sqrt);
}
inline Variable square(const Variable &x)
{
    return unary(x, Unary::square);
}
/// Its gradient at 0 is 0.
inline Variable abs(const Variable &x)
{
    return unary(x, Unary::abs);
}

// matmul.cpp
Variable matmul(const Variable &a, const Variable &b, bool transposeA = false, bool transposeB = false); // [M, K] x [K, D]
/// Who reads a result: with Autocast in bf16 what products alone read is kept in that, as they would round it anyway.
enum class Reader : uint8_t { anything, product };
/// activation(x weight^T + bias): x [..., C], weight [D, C], bias [D] or undefined -> [..., D]
Variable linear(const Variable &x, const Variable &weight, const Variable &bias = {}, Activation kind = Activation::none, Reader reader = Reader::anything);

// shape.cpp
Variable reshape(const Variable &x, const Shape &shape);
Variable flatten(const Variable &x); // [N, ...] -> [N, rest]
/// `count` of x along an axis, from `first` on; a negative axis counts from the end.
Variable slice(const Variable &x, int axis, int64_t first, int64_t count);
/// [M, ...] -> [count, ...]
inline Variable sliceRows(const Variable &x, int64_t first, int64_t count)
{
    return slice(x, 0, first, count);
}
/// [..., D] -> [..., count]
inline Variable sliceColumns(const Variable &x, int64_t first, int64_t count)
{
    return slice(x, -1, first, count);
}
/// 1 to 32 parts one behind the other along an axis, in which alone their shapes may differ.
Variable concat(const std::vector<Variable> &parts, int axis);
/// [M, ...] and [M', ...] -> [M + M', ...]
inline Variable concatRows(const Variable &a, const Variable &b)
{
    return concat({a, b}, 0);
}
/// [..., D] and [..., D'] -> [..., D + D']
inline Variable concatColumns(const Variable &a, const Variable &b)
{
    return concat({a, b}, -1);
}
/// An axis and the one behind it change places. Images are cut into patches so: [N, H, W, C] seen as [N, H/P, P, W/P, P C], and axis 2.
Variable swapAxes(const Variable &x, int axis);
/// Of a matrix, or of the last two axes: [..., M, D] -> [..., D, M]
inline Variable transpose(const Variable &x)
{
    return swapAxes(x, -2);
}
/// x as a constant: no gradient passes it (the stop-gradient of SimSiam, BYOL and of teachers).
Variable detach(const Variable &x);

// conv.cpp. Kernels of any extents; a bias may be undefined.
Variable conv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options); // x [N, H, W, C], weight [K, R, S, C]
/// Along one axis: x [N, T, C], weight [K, R, C] -> [N, (T + 2 padding - R) / stride + 1, K].
Variable conv1d(const Variable &x, const Variable &weight, const Variable &bias, int stride = 1, int padding = 0);
/// The convolution from C to K channels of the same weight and options turned round, as decoders have it: x [N, P, Q, K], weight [K, R, S, C], bias
/// [C] -> [N, (P - 1) stride + R - 2 padding, (Q - 1) stride + S - 2 padding, C].
Variable transposedConv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options);

// norm.cpp
struct BatchNormState
{
    Tensor runningMean, runningVar;
}; // [C]; unbiased variance, as PyTorch keeps it
/// activation(batchNorm(x) + residual); `residual` may be undefined. Over all axes but the last. On the tape its inputs are x, gamma, beta,
/// the running mean and variance, and the residual where there is one.
Variable batchNorm(const Variable &x, const Variable &gamma, const Variable &beta, BatchNormState &state, BatchNormOptions options,
                   const Variable &residual = {});
Variable layerNorm(const Variable &x, const Variable &gamma, const Variable &beta, LayerNormOptions options = {});
Variable normalize(const Variable &x, NormalizeOptions options = {}); // unit L2 rows

// pool.cpp
Variable maxPool(const Variable &x, PoolOptions options);
Variable avgPool(const Variable &x, PoolOptions options); // kernel 0: global, -> [N, C]
/// Nearest neighbour: each pixel so often along rows and columns, [N, H, W, C] -> [N, H factor.y, W factor.x, C].
Variable upsample(const Variable &x, Extent2 factor);
/// [R, T, D], i32 [R] -> [R, D]: of each of R the mean of its first rows, as many as its length says, 0 .. T; of none it is 0.
Variable meanRows(const Variable &x, const Tensor &lengths);

// softmax.cpp
Variable softmax(const Variable &x); // over the last axis
/// The logarithm of softmax(x), also where that is too small for a float (reduce.cpp).
Variable logSoftmax(const Variable &x);
/// [M, D], i32 [M] -> [1], the mean over the rows whose target is not kIgnored; without any, 0 and no gradient. Each row's loss, 0 where it
/// is ignored, goes to `rowLoss` [M] if that is asked for.
Variable crossEntropy(const Variable &logits, const Tensor &targets, Tensor *rowLoss = nullptr);
constexpr int32_t kIgnored = -1;
Variable meanSquaredError(const Variable &x, const Variable &target); // mean over all elements, [1]

// embedding.cpp. Ids are i32 of any shape; they get no gradient, and are variables so that an exporter sees where they come from.
Variable embedding(const Variable &table, const Variable &ids);  // [V, D], ids [...] -> [..., D]
Variable gatherRows(const Variable &x, const Tensor &indices);   // [..., D] seen as [M, D], i32 [K] -> [K, D]
Variable addPositions(const Variable &x, const Variable &table); // [N, T, D] + the first T rows of [P, D]

// dropout.cpp
/// Zero with probability options.rate, else x / (1 - rate). The mask is a function of the key alone.
Variable dropout(const Variable &x, DropoutOptions options);

// attention.cpp. A query that sees no key gives zeros. Memory is linear in the number of positions (Dao et al. 2022, "FlashAttention").
Variable attention(const Variable &q, const Variable &k, const Variable &v, AttentionOptions options, const AttentionMask &mask = {}); // [N, T, D] each
Variable selfAttention(const Variable &qkv, AttentionOptions options, const AttentionMask &mask = {});                                 // [N, T, 3 D]
Variable crossAttention(const Variable &q, const Variable &kv, AttentionOptions options, const AttentionMask &mask = {}); // [N, Tq, D], [N, Tk, 2 D]
/// The probabilities behind them, [N, heads, Tq, Tk], without dropout and without gradient; for looking at. Arguments as above.
Tensor attentionWeights(const Variable &q, const Variable &k, AttentionOptions options, const AttentionMask &mask = {});

// contrastive.cpp
/// NT-Xent (Chen et al. 2020, eq. 1, averaged over 2N anchors). z [2N, D] with unit rows, rows i and i + N positive -> [1].
/// Where each anchor's positive is nearer to it than every negative, `nearest` [2N] is 1, else 0, if that is asked for.
Variable ntXent(const Variable &z, float temperature, Tensor *nearest = nullptr);

} // namespace pretext
