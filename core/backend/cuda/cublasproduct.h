// A product that cuBLAS is to make: kept until the device is given it, then launched by the library, or taken into a graph. One thread at a time, as cuBLAS asks.
#pragma once

#include <cuda_runtime.h>

namespace pretext::cuda {

/// C = alpha op(A) op(B) + beta C, column by column; the numbers of cublas.h.
struct CublasProduct
{
    struct Factor
    {
        const void *data;
        int operation, type, step;
        bool operator==(const Factor &) const = default;
    };
    int m, n, k;
    float alpha, beta;
    Factor a, b;
    void *c;
    int typeC, stepC, compute;
    bool operator==(const CublasProduct &) const = default;
};

/// Throws std::runtime_error where cuBLAS refuses.
void issue(const CublasProduct &product, cudaStream_t stream);

/// What cuBLAS launches for it, the caller's to destroy; null where it refuses.
cudaGraph_t graphOf(const CublasProduct &product);

} // namespace pretext::cuda
