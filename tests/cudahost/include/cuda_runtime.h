// CUDA for machines that have no card: as much of its runtime and of its language as core/backend/cuda uses, in plain C++. The tests compile those
// sources a second time with this folder before CUDA's own. A block's threads are fibres on one thread, blocks run one after another, and what is asked
// for is done only when somebody waits for it, as on a device; see cudahost.h for what is found out meanwhile.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <math.h>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __shared__
#define __launch_bounds__(threads, blocks)
#define __align__(bytes) __attribute__((aligned(bytes)))

struct dim3
{
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    unsigned x, y, z;
};
extern dim3 threadIdx, blockIdx, blockDim, gridDim;

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorInsufficientDriver = 35,
    cudaErrorInvalidDeviceFunction = 98,
    cudaErrorNoDevice = 100,
    cudaErrorIllegalState = 401,
    cudaErrorNotReady = 600,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchFailure = 719,
    cudaErrorNotSupported = 801,
    cudaErrorStreamCaptureUnsupported = 900,
    cudaErrorStreamCaptureInvalidated = 901,
    cudaErrorStreamCaptureIsolation = 905
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
constexpr unsigned cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2, cudaHostAllocDefault = 0, cudaHostAllocMapped = 2;

enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed };

struct CudaHostStream;
struct CudaHostEvent;
struct CudaHostGraph;
struct CudaHostGraphExec;
struct CudaHostNode;
using cudaStream_t = CudaHostStream *;
using cudaEvent_t = CudaHostEvent *;
using cudaGraph_t = CudaHostGraph *;
using cudaGraphExec_t = CudaHostGraphExec *;
using cudaGraphNode_t = CudaHostNode *;

struct cudaDeviceProp
{
    char name[256];
    int major, minor, multiProcessorCount;
};
struct cudaKernelNodeParams
{
    void *func;
    dim3 gridDim, blockDim;
    unsigned sharedMemBytes;
    void **kernelParams;
    void **extra;
};

const char *cudaGetErrorString(cudaError_t error);
const char *cudaGetErrorName(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device);
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t cudaMemGetInfo(size_t *free, size_t *all);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaGraphCreate(cudaGraph_t *graph, unsigned flags);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count,
                                   const cudaKernelNodeParams *parameters);
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count, void *to, const void *from,
                                     size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count, cudaGraph_t child);
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *ready, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready);
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t ready, cudaGraphNode_t node, const cudaKernelNodeParams *parameters);
cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t ready, cudaGraphNode_t node, void *to, const void *from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream);

namespace cudahost {

/// A launch's shape.
struct Grid
{
    dim3 blocks, threads;
    size_t sharedBytes;
};
/// What a thread of a kernel does, with the arguments as they are now.
using Bind = std::function<void()> (*)(void *kernel, void **arguments);
cudaError_t enqueueLaunch(void *kernel, Bind bind, const Grid &grid, void **arguments, cudaStream_t stream);

/// Waits for the other threads of the block, or of the warp.
void blockBarrier();
void warpBarrier();
/// Puts what this lane has where the warp sees it, waits for the others, and returns all 32; valid until the call after the next.
const uint64_t *exchanged(uint64_t mine);
int lane();

template<class T>
T fromLane(T value, int source)
{
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = exchanged(bits)[source & 31];
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

} // namespace cudahost

namespace cudahost {

template<class... Parameters, size_t... index>
std::function<void()> bind(void (*kernel)(Parameters...), void **arguments, std::index_sequence<index...>)
{
    return [kernel, ... given = Parameters(*static_cast<Parameters *>(arguments[index]))] { kernel(given...); };
}

} // namespace cudahost

template<class... Parameters>
cudaError_t cudaLaunchKernel(void (*kernel)(Parameters...), dim3 grid, dim3 block, void **arguments, size_t sharedBytes, cudaStream_t stream)
{
    const auto bind = [](void *typeless, void **given) {
        return cudahost::bind(reinterpret_cast<void (*)(Parameters...)>(typeless), given, std::index_sequence_for<Parameters...>());
    };
    return cudahost::enqueueLaunch(reinterpret_cast<void *>(kernel), bind, {grid, block, sharedBytes}, arguments, stream);
}

inline void __syncthreads()
{
    cudahost::blockBarrier();
}
inline void __syncwarp(unsigned = 0xffffffffu)
{
    cudahost::warpBarrier();
}
template<class T>
T __shfl_xor_sync(unsigned, T value, int mask)
{
    return cudahost::fromLane(value, cudahost::lane() ^ mask);
}
template<class T>
T __shfl_sync(unsigned, T value, int source)
{
    return cudahost::fromLane(value, source);
}
unsigned __ballot_sync(unsigned mask, int predicate);

int atomicCAS(int *at, int compared, int value);
int atomicAdd(int *at, int value);

inline int __ffs(int bits)
{
    return __builtin_ffs(bits);
}
inline uint32_t __float_as_uint(float value)
{
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
inline float __uint_as_float(uint32_t bits)
{
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
