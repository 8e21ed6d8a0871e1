#include "core/backend/cuda/cublasproduct.h"

#include "core/backend/cuda/cublas.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/stream.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace pretext::cuda {

namespace {

/// As NVIDIA recommends: of Hopper and later 32 MB, of others 4.
size_t workspaceBytes()
{
    constexpr int kHopper = 9;
    return size_t(machine().major >= kHopper ? 32 : 4) << 20;
}

/// The library with memory of ours to work in: it would else ask for some in each graph.
struct Library
{
    Library()
    {
        require(cudaMalloc(&workspace, workspaceBytes()));
        if (const int status = cublas()->create(&handle); status != 0)
            throw std::runtime_error("[matmul] cuBLAS (" + std::string(cublas()->name) + ") does not start, its status is " + std::to_string(status));
    }

    int multiply(const CublasProduct &p, cudaStream_t stream)
    {
        if (std::exchange(stream_, stream) != stream) {
            cublas()->setStream(handle, stream); // which forgets the workspace
            cublas()->setWorkspace(handle, workspace, workspaceBytes());
        }
        return cublas()->gemm(handle, p.a.operation, p.b.operation, p.m, p.n, p.k, &p.alpha, p.a.data, p.a.type, p.a.step, p.b.data, p.b.type, p.b.step,
                              &p.beta, p.c, p.typeC, p.stepC, p.compute, Cublas::kAnyAlgorithm);
    }

    Cublas::Handle handle = nullptr;
    void *workspace = nullptr;
    cudaStream_t stream_ = nullptr;
};

Library &library()
{
    static auto *const made = new Library;
    return *made;
}

} // namespace

void issue(const CublasProduct &product, cudaStream_t stream)
{
    if (const int status = library().multiply(product, stream); status != 0)
        throw std::runtime_error("[matmul] cuBLAS refused " + std::to_string(product.m) + " x " + std::to_string(product.k) + " by " + std::to_string(product.k)
                                 + " x " + std::to_string(product.n) + ", its status is " + std::to_string(status));
}

cudaGraph_t graphOf(const CublasProduct &product)
{
    static const cudaStream_t aside = newStream();
    if (cudaStreamBeginCapture(aside, cudaStreamCaptureModeRelaxed) != cudaSuccess)
        return nullptr;
    const int status = library().multiply(product, aside);
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(aside, &graph) != cudaSuccess)
        return nullptr;
    if (status == 0)
        return graph;
    cudaGraphDestroy(graph);
    return nullptr;
}

} // namespace pretext::cuda
