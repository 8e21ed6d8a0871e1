// Matrix products, by cuBLAS where it is installed, else by our own kernel, and what goes with a linear layer. Floor: 2 M N K operations; of floats over the
// card's rate without tensor cores, of bfloat16 over that with them; small ones are bound by memory or by the launch.
#include "core/backend/cuda/cublas.h"
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/tensorcores.h"

#include <climits>

namespace pretext::cuda {

namespace {

/// x as cuBLAS is to multiply it.
Tensor as(DType type, const Tensor &x)
{
    if (x.type() == type)
        return x;
    Tensor y(x.shape(), type, Device::cuda);
    copy(x, y);
    return y;
}

struct Sizes
{
    int64_t rows, columns, inner;
};

Cublas::Type typeOf(const Tensor &x)
{
    return x.type() == DType::bf16 ? Cublas::bfloat16 : Cublas::float32;
}

CublasProduct::Factor factorOf(const Tensor &x, bool transposed)
{
    return {bytesBehind(x), transposed ? Cublas::transposed : Cublas::plain, typeOf(x), int(x.shape()[1])};
}

/// y = alpha a b + beta y. Rows as it has columns, so the factors change places.
void byCublas(const Tensor &a, const Tensor &b, const MatmulOptions &options, const Sizes &sizes, const Tensor &y)
{
    const DType type = options.precision == Precision::bf16 ? DType::bf16 : DType::f32;
    const Tensor left = as(type, a), right = as(type, b);
    ask(CublasProduct{.m = int(sizes.columns),
                      .n = int(sizes.rows),
                      .k = int(sizes.inner),
                      .alpha = options.alpha,
                      .beta = options.beta,
                      .a = factorOf(right, options.transposeB),
                      .b = factorOf(left, options.transposeA),
                      .c = bytesBehind(y),
                      .typeC = typeOf(y),
                      .stepC = int(sizes.columns),
                      .compute = options.precision == Precision::tf32 ? Cublas::inTf32 : Cublas::inFloat});
}

/// body(factor) with x as a factor whose inner extent is its columns, or its rows.
template<class Body>
void withFactor(const Tensor &x, bool innerIsColumns, bool rounds, Body body)
{
    if (innerIsColumns)
        return body(MatrixFactor<true>{In(x), x.shape()[1], rounds});
    body(MatrixFactor<false>{In(x), x.shape()[1], rounds});
}

void byOurs(const Tensor &a, const Tensor &b, const MatmulOptions &options, const Sizes &sizes, const ProductFinish &finish)
{
    const bool rounds = options.precision == Precision::bf16;
    withFactor(a, !options.transposeA, rounds, [&](const auto &left) {
        withFactor(b, options.transposeB, rounds,
                   [&](const auto &right) { multiplyIn(options.precision, left, right, sizes.rows, sizes.columns, sizes.inner, finish); });
    });
}

Sizes sizesOf(const Tensor &a, const MatmulOptions &options, const Tensor &y)
{
    return {y.shape()[0], y.shape()[1], a.shape()[options.transposeA ? 0 : 1]};
}

bool suitsCublas(const Sizes &sizes)
{
    return sizes.inner > 0 && sizes.rows <= INT_MAX && sizes.columns <= INT_MAX && sizes.inner <= INT_MAX && cublas();
}

} // namespace

void matmul(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y)
{
    const Sizes sizes = sizesOf(a, options, y);
    if (y.size() == 0)
        return;
    if (suitsCublas(sizes))
        return byCublas(a, b, options, sizes, y);
    byOurs(a, b, options, sizes, {.y = Out(y), .columns = sizes.columns, .alpha = options.alpha, .beta = options.beta});
}

void linear(const Tensor &x, const Tensor &weight, const Tensor &bias, LinearOptions options, Tensor &y, Tensor &z)
{
    const MatmulOptions product{.transposeB = true, .precision = options.precision};
    const Sizes sizes = sizesOf(x, product, y);
    ProductFinish finish{.y = Out(y), .columns = sizes.columns, .bias = In(bias), .activation = options.activation, .z = Out(z)};
    if (y.size() == 0)
        return;
    if (!suitsCublas(sizes))
        return byOurs(x, weight, product, sizes, finish);
    const bool plain = !bias.defined() && !z.defined() && options.activation == Unary::none;
    const Tensor sums = plain || y.type() == DType::f32 ? y : Tensor(y.shape(), DType::f32, Device::cuda); // which are not rounded before the bias is there
    byCublas(x, weight, product, sizes, sums);
    if (!plain)
        forEach(y.size(), [=, from = In(sums), columns = sizes.columns] __device__(int64_t i) { finish(i / columns, i % columns, from[i]); });
}

void sumRows(const Tensor &x, const Tensor &y)
{
    const int64_t width = y.size();
    columnSums<1>(
        x.size() / width, width, [from = In(x), width] __device__(int64_t row, int64_t i, float *value) { *value = from[row * width + i]; },
        [to = Out(y)] __device__(int64_t i, const double *sum) { to.put(i, float(*sum)); });
}

void linearBackwardWeight(const Tensor &x, const Tensor &dz, LinearOptions options, Tensor &dweight, Tensor &dbias)
{
    matmul(dz, x, {.transposeA = true, .precision = options.precision}, dweight);
    if (dbias.defined())
        sumRows(dz, dbias);
}

} // namespace pretext::cuda
