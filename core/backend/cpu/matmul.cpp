// Matrix products, by our own kernel or by oneDNN's row-major sgemm, and what goes with a linear layer.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/gemm.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"
#include "core/backend/cpu/unary.h"

#include <dnnl.h>

#include <stdexcept>

namespace pretext::cpu {

void matmul(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y)
{
    const int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[options.transposeA ? 0 : 1];
    if (y.size() == 0)
        return;
    if (inner > 0 && (gemm::kAvailable || options.precision != Precision::f32))
        return gemm::multiply(a, b, options, y);
    const dnnl_status_t status = dnnl_sgemm(options.transposeA ? 'T' : 'N', options.transposeB ? 'T' : 'N', rows, columns, inner, options.alpha, f32(a),
                                            a.shape()[1], f32(b), b.shape()[1], options.beta, f32(y), columns);
    if (status != dnnl_success)
        throw std::runtime_error("[matmul] oneDNN refused " + a.shape().str() + " x " + b.shape().str());
}

void linear(const Tensor &x, const Tensor &weight, const Tensor &bias, LinearOptions options, Tensor &y, Tensor &z)
{
    const MatmulOptions product{.transposeB = true, .precision = options.precision};
    const float *added = bias.defined() ? f32(bias) : nullptr;
    if (gemm::kAvailable || options.precision != Precision::f32)
        return gemm::multiply(x, weight, product, y, {added, options.activation, z});
    matmul(x, weight, product, y);
    const int64_t width = y.shape()[1];
    parallelFor(y.shape()[0], rowGrain(width), [=, &y, &z](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            for (int64_t i = 0; added && i < width; ++i)
                f32(y)[row * width + i] += added[i];
            activate(options.activation, y, z, row * width, width);
        }
    });
}

void sumRows(const Tensor &x, Tensor &y)
{
    const int64_t width = y.size();
    withElements(x, [&](const auto *data) {
        const auto sums = columnSums(x.size() / width, width, [=](int64_t row, float *block) {
            eachVector(width, [=](auto where) { where.put(block, where.of(block) + where.of(data + row * width)); });
        });
        for (int64_t i = 0; i < width; ++i)
            f32(y)[i] = float(sums[size_t(i)]);
    });
}

void linearBackwardWeight(const Tensor &x, const Tensor &dz, LinearOptions options, Tensor &dweight, Tensor &dbias)
{
    const MatmulOptions product{.transposeA = true, .precision = options.precision};
    if (!gemm::kAvailable || options.precision != Precision::f32 || dz.size() == 0) {
        matmul(dz, x, product, dweight);
        if (dbias.defined())
            sumRows(dz, dbias);
        return;
    }
    std::vector<double> sums(size_t(dbias.defined() ? dbias.size() : 0));
    gemm::multiply(dz, x, product, dweight, {.leftSums = dbias.defined() ? sums.data() : nullptr});
    for (size_t i = 0; i < sums.size(); ++i)
        f32(dbias)[i] = float(sums[i]);
}

} // namespace pretext::cpu
