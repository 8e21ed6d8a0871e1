// Memory: the one cache of it, copies between types, and the way to and from the host.
#include "core/backend/cuda/cache.h"
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/parallel.h"
#include "core/backend/cuda/staging.h"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace pretext::cuda {

namespace {

void *takeSegment(size_t bytes)
{
    void *memory = nullptr;
    const cudaError_t result = cudaMalloc(&memory, bytes);
    if (result != cudaErrorMemoryAllocation)
        require(result);
    else
        cudaGetLastError();
    return result == cudaSuccess ? memory : nullptr;
}

void giveSegment(void *segment)
{
    cudaFree(segment); // waits for the device
}

Cache &cache()
{
    const auto caches = [] {
        const char *set = std::getenv("PRETEXT_CUDA_CACHE");
        return !set || std::string_view(set) != "off";
    };
    static Cache *cache = new Cache({takeSegment, giveSegment}, caches()); // never destroyed: tensors with static storage are released after everything else
    return *cache;
}

/// Batches go up while the window's values come down.
Staging &up()
{
    static Staging *staging = new Staging;
    return *staging;
}
Staging &down()
{
    static Staging *staging = new Staging;
    return *staging;
}

size_t bytesOf(const Tensor &x)
{
    return size_t(x.size()) * pretext::bytesOf(x.type());
}

} // namespace

void *allocate(size_t bytes)
{
    void *memory = cache().take(bytes);
    if (!memory)
        require(cudaErrorMemoryAllocation);
    return memory;
}

void release(void *data, size_t bytes)
{
    cache().give(data, bytes);
}

MemoryStatistics memory()
{
    return cache().statistics();
}

void beginMemoryPeak()
{
    cache().beginPeak();
}

size_t memoryPeak()
{
    return cache().peak();
}

void giveBack()
{
    if (machine().there)
        cache().giveBack();
}

void synchronize()
{
    finish();
}

void toHost(const Tensor &x, void *destination)
{
    down().download(bytesBehind(x), destination, bytesOf(x));
    throwTrouble();
}

void fromHost(const void *source, Tensor &y)
{
    up().upload(source, bytesBehind(y), bytesOf(y));
}

void fill(Tensor &y, float value)
{
    if (y.type() == DType::i32)
        return forEach(y.size(), [to = ints(y), set = int32_t(value)] __device__(int64_t i) { to[i] = set; });
    forEach(y.size(), [to = Out(y), value] __device__(int64_t i) { to.put(i, value); });
}

void copy(const Tensor &x, Tensor &y)
{
    if (x.type() == y.type()) {
        if (x.size() > 0)
            require(cudaMemcpyAsync(bytesBehind(y), bytesBehind(x), bytesOf(x), cudaMemcpyDeviceToDevice, stream()));
        return;
    }
    if (x.type() != DType::i32 && y.type() != DType::i32)
        return forEach(x.size(), [from = In(x), to = Out(y)] __device__(int64_t i) { to.put(i, from[i]); });
    if (x.type() != DType::i32 || y.type() != DType::f32)
        throw std::invalid_argument("[copy] floating-point values are not copied to or from this type");
    forEach(x.size(), [from = ints(x), to = Out(y)] __device__(int64_t i) { to.put(i, float(from[i])); });
}

} // namespace pretext::cuda
