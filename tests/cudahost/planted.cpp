// Kernels with a mistake each, which must be found.
#include "tests/cudahost/planted.h"

#include "core/backend/cuda/launch.h"

#include <mma.h>

namespace planted {

namespace {

using pretext::cuda::launch;
using pretext::cuda::sharedMemory;

__global__ void turnKernel(const float *x, float *y, bool waits)
{
    float *const kept = sharedMemory<float>();
    kept[threadIdx.x] = x[threadIdx.x];
    if (waits)
        __syncthreads();
    y[threadIdx.x] = kept[blockDim.x - 1 - threadIdx.x];
}

__global__ void sumKernel(const float *x, float *y)
{
    y[0] += x[threadIdx.x];
}

__global__ void beyondKernel(const float *x, float *y, int64_t shift)
{
    y[threadIdx.x] = x[threadIdx.x + shift];
}

__global__ void lateKernel(float *y)
{
    if (threadIdx.x == 0)
        __syncwarp();
    else
        __syncthreads();
    y[threadIdx.x] = 1;
}

/// A fragment that begins four bytes too late.
__global__ void shiftedKernel(float *y)
{
    nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 8, float> sums;
    nvcuda::wmma::fill_fragment(sums, 1.f);
    float *const kept = sharedMemory<float>();
    nvcuda::wmma::store_matrix_sync(kept + 1, sums, 16, nvcuda::wmma::mem_row_major);
    __syncthreads();
    y[threadIdx.x] = kept[1 + threadIdx.x];
}

constexpr unsigned kThreads = 64;

} // namespace

void turn(const float *x, float *y, bool waits)
{
    launch(turnKernel, 1, kThreads, kThreads * sizeof(float), x, y, waits);
}
void sum(const float *x, float *y)
{
    launch(sumKernel, 1, kThreads, 0, x, y);
}
void readBeyond(const float *x, float *y)
{
    launch(beyondKernel, 1, kThreads, 0, x, y, int64_t(1));
}
void shiftFragment(float *y)
{
    launch(shiftedKernel, 1, 32, 257 * sizeof(float), y);
}
void overrunShared(const float *x, float *y)
{
    launch(turnKernel, 1, kThreads, (kThreads - 1) * sizeof(float), x, y, true);
}
void askForTooMuch(float *y)
{
    launch(lateKernel, 1, 2048, 0, y);
}
void waitApart(float *y)
{
    launch(lateKernel, 1, kThreads, 0, y);
}

} // namespace planted
