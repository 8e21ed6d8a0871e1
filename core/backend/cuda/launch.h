// How a kernel is started: one function, so that the operation is known when a launch fails, that launches can be gathered, and that the same sources run where there is
// no card (tests/cudahost has a cuda_runtime.h of its own). Kernels keep to what that knows: dynamic shared memory, barriers of a
// whole block, shuffles of a whole warp, atomics.
#pragma once

#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/stream.h"

#include <cstddef>
#include <cstdint>
#include <type_traits>

/// The launch's shared memory; kernels cut from it what they need.
extern __shared__ __align__(32) unsigned char pretextSharedMemory[];

namespace pretext::cuda {

constexpr int kThreads = 256; // of a block, where nothing speaks for another number
constexpr int kWarp = 32;

constexpr unsigned wholeBlocks(int64_t count, int64_t perBlock)
{
    return unsigned((count + perBlock - 1) / perBlock);
}

template<class... Parameters>
cudaError_t issueKernel(const KernelLaunch &launch, void **arguments, cudaStream_t stream)
{
    return cudaLaunchKernel(reinterpret_cast<void (*)(Parameters...)>(launch.kernel), launch.grid, launch.block, arguments, launch.sharedBytes, stream);
}

template<class... Parameters>
void askForKernel(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t sharedBytes, std::type_identity_t<Parameters>... arguments)
{
    static_assert((std::is_trivially_copyable_v<Parameters> && ...) && sizeof...(Parameters) <= Chain::kMostArguments);
    static constexpr size_t kSizes[] = {sizeof(Parameters)...};
    const void *const places[] = {&arguments...};
    ask({reinterpret_cast<void *>(kernel), issueKernel<Parameters...>, grid, block, sharedBytes, kSizes}, places);
}

/// In the order of operations.
template<class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t sharedBytes, Arguments... arguments)
{
    if (grid.x == 0 || grid.y == 0 || grid.z == 0)
        return; // nothing to do, which CUDA takes for a mistake
    askForKernel(kernel, grid, block, sharedBytes, Parameters(arguments)...);
}

template<class T>
__device__ inline T *sharedMemory()
{
    return reinterpret_cast<T *>(pretextSharedMemory);
}

} // namespace pretext::cuda
