// How a kernel is started: one function, so that the operation is known when a launch fails, and so that the same sources run where there is
// no card (tests/cudahost has a cuda_runtime.h of its own). Kernels keep to what that knows: dynamic shared memory, barriers of a
// whole block, shuffles of a whole warp, atomics.
#pragma once

#include "core/backend/cuda/machine.h"

#include <cstddef>
#include <cstdint>

/// The launch's shared memory; kernels cut from it what they need.
extern __shared__ __align__(32) unsigned char pretextSharedMemory[];

namespace pretext::cuda {

constexpr int kThreads = 256; // of a block, where nothing speaks for another number
constexpr int kWarp = 32;

constexpr unsigned wholeBlocks(int64_t count, int64_t perBlock)
{
    return unsigned((count + perBlock - 1) / perBlock);
}

template<class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t sharedBytes, cudaStream_t stream, Arguments... arguments)
{
    if (grid.x == 0 || grid.y == 0 || grid.z == 0)
        return; // nothing to do, which CUDA takes for a mistake
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = sharedBytes;
    config.stream = stream;
    require(cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...));
}

template<class T>
__device__ inline T *sharedMemory()
{
    return reinterpret_cast<T *>(pretextSharedMemory);
}

} // namespace pretext::cuda
