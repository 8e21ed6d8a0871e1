// cuBLAS as Eigen answers it: this file stands in for core/backend/cuda/cublas.cpp.
#include "core/backend/cuda/cublas.h"

#include "tests/cudahost/cudahost.h"
#include "tests/cudahost/streams.h"

#include <Eigen/Core>

namespace cudahost {

namespace {

using pretext::cuda::Cublas;

bool hidden = false, hasWorkspace = false;
cudaStream_t productStream = nullptr;

float widened(uint16_t half)
{
    const uint32_t bits = uint32_t(half) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// A column-major matrix as floats, turned where that is asked for.
Eigen::MatrixXf read(const void *data, int type, int step, int rows, int columns, bool transposed)
{
    Eigen::MatrixXf matrix(rows, columns);
    for (int column = 0; column < columns; ++column)
        for (int row = 0; row < rows; ++row) {
            const size_t at = transposed ? size_t(row) * size_t(step) + size_t(column) : size_t(column) * size_t(step) + size_t(row);
            matrix(row, column) = type == Cublas::bfloat16 ? widened(static_cast<const uint16_t *>(data)[at]) : static_cast<const float *>(data)[at];
        }
    return matrix;
}

void write(const Eigen::MatrixXf &matrix, void *data, int type, int step)
{
    for (int column = 0; column < matrix.cols(); ++column)
        for (int row = 0; row < matrix.rows(); ++row) {
            const size_t at = size_t(column) * size_t(step) + size_t(row);
            const float value = matrix(row, column);
            uint32_t bits;
            std::memcpy(&bits, &value, sizeof bits);
            if (type == Cublas::bfloat16)
                static_cast<uint16_t *>(data)[at] = uint16_t((value == value ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000) >> 16);
            else
                static_cast<float *>(data)[at] = value;
        }
}

int create(Cublas::Handle *handle)
{
    static int one;
    *handle = &one;
    return 0;
}

/// Takes the library's own memory to work in again, which it asks for in a graph.
int setStream(Cublas::Handle, cudaStream_t stream)
{
    productStream = stream;
    hasWorkspace = false;
    return 0;
}

int setWorkspace(Cublas::Handle, void *workspace, size_t)
{
    hasWorkspace = workspace != nullptr;
    return 0;
}

void enqueueProduct(Work product)
{
    const std::lock_guard lock(mutex);
    ++made.singly;
    if (productStream->capture && !hasWorkspace)
        productStream->capture->graph->allocates = true;
    enqueueWork(productStream, std::move(product));
}

int gemm(Cublas::Handle, int ofA, int ofB, int m, int n, int k, const void *alpha, const void *a, int typeA, int stepA, const void *b, int typeB, int stepB,
         const void *beta, void *c, int typeC, int stepC, int, int)
{
    constexpr int kInvalidValue = 7;
    if (m < 1 || n < 1 || k < 1 || typeA != typeB || stepA < (ofA ? k : m) || stepB < (ofB ? n : k) || stepC < m)
        return kInvalidValue;
    enqueueProduct([=, factor = *static_cast<const float *>(alpha), keep = *static_cast<const float *>(beta)] {
        Eigen::MatrixXf product = factor * (read(a, typeA, stepA, m, k, ofA != 0) * read(b, typeB, stepB, k, n, ofB != 0));
        if (keep != 0)
            product += keep * read(c, typeC, stepC, m, n, false);
        write(product, c, typeC, stepC);
    });
    return 0;
}

} // namespace

void hideCublas(bool hide)
{
    hidden = hide;
}

} // namespace cudahost

namespace pretext::cuda {

const Cublas *cublas()
{
    static const Cublas eigen{cudahost::create, cudahost::setStream, cudahost::setWorkspace, cudahost::gemm, "Eigen"};
    return cudahost::hidden ? nullptr : &eigen;
}

} // namespace pretext::cuda
