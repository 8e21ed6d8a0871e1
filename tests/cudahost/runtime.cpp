// The runtime's calls: memory, copies, and streams in which everything waits until somebody waits for it, and then no more is done than must be: what was not put in
// order by an event is done in the order that hurts.
#include "tests/cudahost/cudahost.h"
#include "tests/cudahost/streams.h"
#include "tests/cudahost/watching.h"

#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <utility>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

struct CudaHostEvent
{
    CudaHostStream *stream = nullptr;
    long recorded = 0; // how many of its tasks were before it
    bool isOver() const { return !stream || stream->done >= recorded; }
};

namespace cudahost {

bool watchingWanted = true;
std::recursive_mutex mutex;
Calls made;
cudaError_t lost = cudaSuccess;

namespace {

std::vector<CudaHostStream *> streams;
long launched = 0;
cudaError_t loses = cudaSuccess;

struct Memory
{
    std::map<char *, size_t> given;
    std::map<char *, size_t> free;
    size_t inUse = 0, all = heapSize();
};

Memory &device()
{
    static Memory *const memory = [] {
        auto *made = new Memory;
        made->free.emplace(heapBegin(), heapSize());
        return made;
    }();
    return *memory;
}

/// While alive, the device's memory can be touched; the host's code alone cannot.
struct Open
{
    Open()
    {
        if (depth++ == 0)
            protect(PROT_READ | PROT_WRITE);
    }
    ~Open()
    {
        if (--depth == 0)
            protect(PROT_NONE);
    }
    static void protect(int protection)
    {
        if (!kSanitized)
            mprotect(heapBegin(), heapSize(), protection);
    }
    static inline int depth = 0;
};

void runUntil(CudaHostStream &stream, long count)
{
    if (stream.done >= count)
        return;
    const Open open;
    while (stream.done < count) {
        const auto task = std::move(stream.tasks.front());
        stream.tasks.pop_front();
        task();
        ++stream.done;
    }
}

void runAll()
{
    for (CudaHostStream *stream : streams)
        runUntil(*stream, stream->asked);
}

void enqueue(CudaHostStream *stream, std::function<void()> task)
{
    stream->tasks.push_back(std::move(task));
    ++stream->asked;
}

constexpr size_t kGap = 256; // between allocations, so that what is beside one is nobody's

size_t wholeSize(size_t bytes)
{
    return (bytes + 255) / 256 * 256 + kGap;
}

} // namespace

/// A stream that is captured takes nothing up; a lost device does it no more, but streams still wait for each other.
void enqueueWork(CudaHostStream *stream, Work work)
{
    if (stream->capture)
        return stream->capture->append(std::move(work));
    enqueue(stream, [work = std::move(work)] {
        if (lost == cudaSuccess)
            work();
    });
}

Work failingWhereAsked(Work work)
{
    const cudaError_t fails = std::exchange(loses, cudaSuccess);
    return fails == cudaSuccess ? std::move(work) : [fails] { lost = fails; };
}

bool mayBeLaunched(const Grid &grid)
{
    constexpr size_t kMostThreads = 1024, kMostShared = 48 * 1024, kMostX = 0x7fffffff, kMostY = 65535;
    const size_t threads = size_t(grid.threads.x) * grid.threads.y * grid.threads.z;
    const auto from1To = [](size_t most, size_t count) { return count >= 1 && count <= most; };
    return from1To(kMostThreads, threads) && grid.sharedBytes <= kMostShared && from1To(kMostX, grid.blocks.x) && from1To(kMostY, grid.blocks.y)
           && from1To(kMostY, grid.blocks.z);
}

Work workOf(const Grid &grid, std::function<void()> thread)
{
    return [grid, thread = std::move(thread)] {
        ++launched;
        runLaunch(grid, thread);
    };
}

cudaError_t enqueueLaunch(void *kernel, Bind bind, const Grid &grid, void **arguments, cudaStream_t stream)
{
    const std::lock_guard lock(mutex);
    if (lost != cudaSuccess)
        return lost;
    if (!mayBeLaunched(grid))
        return cudaErrorInvalidConfiguration;
    know(kernel, bind);
    ++made.singly;
    enqueueWork(stream, failingWhereAsked(workOf(grid, bind(kernel, arguments))));
    return cudaSuccess;
}

void watch(bool on)
{
    watchingWanted = on;
}

void setMemory(size_t bytes)
{
    device().all = std::min(bytes, heapSize());
}

void loseDevice(cudaError_t with)
{
    loses = with;
    if (with == cudaSuccess)
        lost = with;
}

long launches()
{
    return launched;
}

Calls calls()
{
    const std::lock_guard lock(mutex);
    return made;
}

} // namespace cudahost

using namespace cudahost;

const char *cudaGetErrorString(cudaError_t error)
{
    return error == cudaErrorIllegalAddress ? "an illegal memory access was encountered" : "an error of the host's CUDA";
}
const char *cudaGetErrorName(cudaError_t error)
{
    return error == cudaErrorIllegalAddress ? "cudaErrorIllegalAddress" : "cudaErrorOfTheHost";
}
cudaError_t cudaGetLastError()
{
    return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int)
{
    *properties = {"CUDA on the host", 8, 0, 4};
    return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t *free, size_t *all)
{
    const std::lock_guard lock(mutex);
    *all = device().all;
    *free = device().all > device().inUse ? device().all - device().inUse : 0;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    const std::lock_guard lock(mutex);
    if (const cudaError_t refused = refusedInCapture(); refused != cudaSuccess)
        return refused;
    ++made.allocations;
    Memory &m = device();
    if (m.inUse + bytes > m.all)
        return cudaErrorMemoryAllocation;
    if (kSanitized) {
        *memory = std::malloc(bytes);
        m.given.emplace(static_cast<char *>(*memory), bytes);
        m.inUse += bytes;
        return cudaSuccess;
    }
    const size_t size = wholeSize(bytes);
    for (auto piece = m.free.begin(); piece != m.free.end(); ++piece)
        if (piece->second >= size) {
            const auto [begin, whole] = *piece;
            m.free.erase(piece);
            if (whole > size)
                m.free.emplace(begin + size, whole - size);
            m.given.emplace(begin, bytes);
            m.inUse += bytes;
            markAllocated(begin, bytes, true);
            *memory = begin;
            return cudaSuccess;
        }
    return cudaErrorMemoryAllocation;
}

cudaError_t cudaFree(void *memory)
{
    const std::lock_guard lock(mutex);
    ++made.waits;
    runAll();
    Memory &m = device();
    const auto found = m.given.find(static_cast<char *>(memory));
    if (found == m.given.end())
        return cudaErrorInvalidValue;
    auto [begin, bytes] = *found;
    m.given.erase(found);
    m.inUse -= bytes;
    if (kSanitized) {
        std::free(memory);
        return lost;
    }
    markAllocated(begin, bytes, false);
    size_t size = wholeSize(bytes);
    const auto next = m.free.lower_bound(begin);
    if (next != m.free.end() && next->first == begin + size) {
        size += next->second;
        m.free.erase(next);
    }
    if (const auto after = m.free.lower_bound(begin); after != m.free.begin())
        if (const auto before = std::prev(after); before->first + before->second == begin) {
            before->second += size;
            return lost;
        }
    m.free.emplace(begin, size);
    return lost;
}

cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned)
{
    const std::lock_guard lock(mutex);
    ++made.allocations;
    *memory = std::malloc(bytes);
    return *memory ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaFreeHost(void *memory)
{
    const std::lock_guard lock(mutex);
    ++made.waits;
    runAll();
    std::free(memory);
    return lost;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    const std::lock_guard lock(mutex);
    if (lost != cudaSuccess)
        return lost;
    made.singly += kind == cudaMemcpyDeviceToDevice;
    enqueueWork(stream, [=] { std::memmove(to, from, bytes); });
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    const std::lock_guard lock(mutex);
    *stream = streams.emplace_back(new CudaHostStream);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const std::lock_guard lock(mutex);
    if (stream->capture)
        return stream->capture->spoil(cudaErrorStreamCaptureUnsupported);
    ++made.waits;
    runUntil(*stream, stream->asked);
    return lost;
}

/// For what is before the event now, whenever it is recorded again.
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    const std::lock_guard lock(mutex);
    if (stream->capture)
        return stream->capture->spoil(cudaErrorStreamCaptureIsolation);
    if (!event->isOver())
        enqueue(stream, [of = event->stream, count = event->recorded] { runUntil(*of, count); });
    return lost;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
    const std::lock_guard lock(mutex);
    ++made.events;
    *event = new CudaHostEvent;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    const std::lock_guard lock(mutex);
    if (stream->capture)
        return stream->capture->spoil(cudaErrorStreamCaptureUnsupported); // the host's CUDA knows no events in graphs
    *event = {stream, stream->asked};
    return lost;
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    const std::lock_guard lock(mutex);
    return lost != cudaSuccess ? lost : event->isOver() ? cudaSuccess : cudaErrorNotReady;
}

/// Waits only where there is something to wait for.
cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    const std::lock_guard lock(mutex);
    if (!event->isOver()) {
        ++made.waits;
        runUntil(*event->stream, event->recorded);
    }
    return lost;
}
