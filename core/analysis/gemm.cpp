#include "core/analysis/gemm.h"

#include <dnnl.h>

#include <stdexcept>

namespace pretext {
namespace {

void check(dnnl_status_t status)
{
    if (status != dnnl_success)
        throw std::runtime_error("[analysis] oneDNN refused a matrix product");
}

} // namespace

void productTransposed(const Rows &a, const Rows &b, RowMajor &result)
{
    result.resize(a.rows(), b.rows());
    check(dnnl_sgemm('N', 'T', a.rows(), b.rows(), a.cols(), 1.f, a.data(), a.outerStride(), b.data(), b.outerStride(), 0.f, result.data(), result.cols()));
}

void addTransposedProduct(const Rows &a, const Rows &b, RowMajor &result)
{
    check(dnnl_sgemm('T', 'N', a.cols(), b.cols(), a.rows(), 1.f, a.data(), a.outerStride(), b.data(), b.outerStride(), 1.f, result.data(), result.cols()));
}

} // namespace pretext
