// The few functions of cuBLAS that are called, found when they are first wanted: the program runs without the library, too. The declarations
// are ours, of what has been the same since version 11.
#pragma once

#include <cuda_runtime.h>

namespace pretext::cuda {

struct Cublas
{
    using Handle = void *;
    using Status = int; // 0: success

    enum Operation : int { plain = 0, transposed = 1 };
    enum Type : int { float32 = 0, bfloat16 = 14 };
    enum Compute : int { inFloat = 68, inTf32 = 77 };
    static constexpr int kAnyAlgorithm = -1;

    Status (*create)(Handle *handle);
    Status (*setStream)(Handle handle, cudaStream_t stream);
    Status (*setWorkspace)(Handle handle, void *workspace, size_t bytes);
    /// C = alpha op(A) op(B) + beta C, column by column: C [m, n], op(A) [m, k], op(B) [k, n].
    Status (*gemm)(Handle handle, int ofA, int ofB, int m, int n, int k, const void *alpha, const void *a, int typeA, int stepA, const void *b, int typeB,
                   int stepB, const void *beta, void *c, int typeC, int stepC, int compute, int algorithm);
    const char *name; // of the file that was found
};

/// Null where there is none.
const Cublas *cublas();

} // namespace pretext::cuda
