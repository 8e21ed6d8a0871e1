// Memory: the caches of it, copies between types, and the way to and from the host.
#include "core/backend/cuda/cache.h"
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/parallel.h"
#include "core/backend/cuda/pinned.h"
#include "core/backend/cuda/staging.h"

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

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
    giveAllThatWasAsked(); // some of which may use it
    cudaFree(segment);     // waits for the device
}

bool caches()
{
    const char *set = std::getenv("PRETEXT_CUDA_CACHE");
    return !set || std::string_view(set) != "off";
}

/// What operations use. It and the next are never destroyed: tensors with static storage are released after everything else.
Cache &cache()
{
    static Cache *const cache = new Cache({takeSegment, giveSegment}, caches());
    return *cache;
}

/// What the other stream writes, for operations to read.
Cache &uploads()
{
    static Cache *const cache = new Cache({takeSegment, giveSegment}, caches());
    return *cache;
}

Staging &staging()
{
    static Staging *const staging = new Staging;
    return *staging;
}

/// Uploads of which the host is done, and operations that were asked for may not be.
struct Released
{
    std::mutex mutex;
    std::vector<std::pair<void *, size_t>> pieces;
};

Released &released()
{
    static auto *const all = new Released;
    return *all;
}

/// They are free when the operations so far are done: one Fence for all that were released since the last upload.
void takeBackReleased()
{
    const std::lock_guard lock(released().mutex);
    if (released().pieces.empty())
        return;
    const Fence read = Fence::behind(stream());
    for (const auto &[data, bytes] : std::exchange(released().pieces, {}))
        uploads().give(data, bytes, read);
}

/// Where there is none, after what the other cache has free was given back, and what it lent has come back; and the graphs, which are made again.
void *takeFrom(Cache &wanted, Cache &other, size_t bytes)
{
    if (void *memory = wanted.take(bytes))
        return memory;
    finish();
    takeBackReleased();
    forgetGraphs();
    other.giveBack();
    void *const memory = wanted.take(bytes);
    if (!memory)
        require(cudaErrorMemoryAllocation);
    return memory;
}

size_t bytesOf(const Tensor &x)
{
    return size_t(x.size()) * pretext::bytesOf(x.type());
}

} // namespace

void *allocate(size_t bytes)
{
    return takeFrom(cache(), uploads(), bytes);
}

void *allocateForUpload(size_t bytes)
{
    takeBackReleased();
    return takeFrom(uploads(), cache(), bytes);
}

void release(void *data, size_t bytes)
{
    if (!uploads().gave(data))
        return cache().give(data, bytes);
    const std::lock_guard lock(released().mutex);
    released().pieces.push_back({data, bytes});
}

MemoryStatistics memory()
{
    const MemoryStatistics own = cache().statistics(), others = uploads().statistics();
    return {own.systemAllocations + others.systemAllocations, own.bytesInUse + others.bytesInUse, own.bytesCached + others.bytesCached};
}

void beginMemoryPeak()
{
    cache().beginPeak();
    uploads().beginPeak();
}

size_t memoryPeak()
{
    return cache().peak() + uploads().peak();
}

void giveBack()
{
    if (!machine().there)
        return;
    try {
        takeBackReleased();
        require(cudaStreamSynchronize(stream()));
    } catch (const std::exception &) {
        // the device failed, which whoever waits for it next hears of
    }
    forgetGraphs();
    cache().giveBack();
    uploads().giveBack();
    giveBackPinned();
}

void synchronize()
{
    finish();
}

void toHost(const Tensor &x, void *destination)
{
    staging().download(bytesBehind(x), destination, bytesOf(x));
    throwTrouble();
}

void fromHost(const void *source, Tensor &y)
{
    staging().upload(source, bytesBehind(y), bytesOf(y), stream());
}

void upload(const void *source, Tensor &y)
{
    staging().upload(source, bytesBehind(y), bytesOf(y), copies());
    Fence::behind(copies()).hold(stream());
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
            ask(DeviceCopy{bytesBehind(y), bytesBehind(x), bytesOf(x)});
        return;
    }
    if (x.type() != DType::i32 && y.type() != DType::i32)
        return forEach(x.size(), [from = In(x), to = Out(y)] __device__(int64_t i) { to.put(i, from[i]); });
    if (x.type() != DType::i32 || y.type() != DType::f32)
        throw std::invalid_argument("[copy] floating-point values are not copied to or from this type");
    forEach(x.size(), [from = ints(x), to = Out(y)] __device__(int64_t i) { to.put(i, float(from[i])); });
}

} // namespace pretext::cuda
