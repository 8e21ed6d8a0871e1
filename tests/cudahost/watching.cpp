// The kernels are compiled with -fsanitize=thread, which calls a function before every access of memory, but those functions are ours. For each two bytes of the device's
// and of shared memory it is kept who wrote and who read them last, and how many barriers ago.
#include "tests/cudahost/watching.h"

#include "tests/cudahost/cudahost.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <utility>

unsigned char pretextSharedMemory[96 * 1024] __attribute__((aligned(256)));

namespace cudahost {

Place place;
bool watching = false;

namespace {

constexpr size_t kHeap = size_t(512) << 20, kGrain = 2;         // bytes that are told apart
constexpr uint16_t kManyThreads = 0xffff, kManyOfWarp = 0x8000; // with the warp's number
constexpr uint32_t kManyBlocks = 0xffffffff;

struct Cell
{
    Place write, read;
};

template<class T>
T *reserve(size_t count, int protection)
{
    void *memory = mmap(nullptr, count * sizeof(T), protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("cudahost: mmap");
        std::abort();
    }
    return static_cast<T *>(memory);
}

char *const heap = reserve<char>(kHeap, PROT_NONE);
Cell *const heapCells = reserve<Cell>(kHeap / kGrain, PROT_READ | PROT_WRITE);
unsigned char *const allocatedGrains = reserve<unsigned char>(kHeap / kGrain, PROT_READ | PROT_WRITE);
Cell sharedCells[sizeof pretextSharedMemory / kGrain];
size_t sharedBytes = 0;
std::vector<std::string> findings;

bool isFull()
{
    constexpr size_t kEnough = 20;
    return findings.size() >= kEnough;
}

inline int warpOf(const Place &at)
{
    return at.thread == kManyThreads ? -1 : at.thread & kManyOfWarp ? at.thread & ~kManyOfWarp : at.thread / 32;
}

/// Whether what `before` did comes before what the running thread does, whatever the order that threads run in. Blocks do not share shared memory.
inline bool ordered(const Place &before, bool shared)
{
    if (before.launch != place.launch)
        return true;
    if (before.block != place.block)
        return shared;
    if (before.thread == place.thread || before.blockEpoch != place.blockEpoch)
        return true;
    return warpOf(before) == int(place.thread / 32) && before.warpEpoch != place.warpEpoch;
}

std::string nameOf(const Place &at)
{
    const std::string block = at.block == kManyBlocks ? "several blocks" : "block " + std::to_string(at.block);
    if (at.thread & kManyOfWarp)
        return "several threads of " + block;
    return "thread " + std::to_string(at.thread) + " of " + block;
}

/// Where in memory.
struct Spot
{
    bool shared;
    size_t byte;
    std::string text() const { return "byte " + std::to_string(byte) + (shared ? " of shared memory" : " of device memory"); }
};

void race(const char *kind, const Spot &spot, const Place &other)
{
    if (!isFull())
        addFinding((std::string(kind) + " of " + spot.text() + ": " + nameOf(other) + ", then " + nameOf(place) + ", with no barrier between them").c_str());
}

inline void readCell(Cell &cell, const Spot &spot)
{
    if (!ordered(cell.write, spot.shared))
        race("a write and a read", spot, cell.write);
    if (ordered(cell.read, spot.shared)) {
        cell.read = place;
        return;
    }
    cell.read.thread = warpOf(cell.read) == int(place.thread / 32) ? uint16_t(kManyOfWarp | place.thread / 32) : kManyThreads;
    if (cell.read.block != place.block) {
        cell.read.block = kManyBlocks;
        cell.read.thread = kManyThreads;
    }
}

inline void writeCell(Cell &cell, const Spot &spot)
{
    if (!ordered(cell.write, spot.shared))
        race("two writes", spot, cell.write);
    if (!ordered(cell.read, spot.shared))
        race("a read and a write", spot, cell.read);
    cell.write = place;
}

/// What is of four bytes and more is kept in every other cell: nobody takes halves of it.
void visit(Cell *cells, const Spot &spot, size_t size, bool writes)
{
    const size_t step = size < 4 ? 1 : 2;
    for (size_t at = spot.byte / kGrain; at <= (spot.byte + size - 1) / kGrain; at += step)
        writes ? writeCell(cells[at], spot) : readCell(cells[at], spot);
}

void beyond(const Spot &spot, bool writes)
{
    if (!isFull())
        addFinding((nameOf(place) + (writes ? " writes " : " reads ") + spot.text() + ", which was not allocated").c_str());
}

void access(const void *address, size_t size, bool writes)
{
    const char *const at = static_cast<const char *>(address);
    const char *const shared = reinterpret_cast<const char *>(pretextSharedMemory);
    if (at >= heap && at < heap + kHeap) {
        const size_t byte = size_t(at - heap);
        if (!allocatedGrains[byte / kGrain] || !allocatedGrains[(byte + size - 1) / kGrain])
            return beyond({false, byte}, writes);
        visit(heapCells, {false, byte}, size, writes);
    } else if (at >= shared && at < shared + sizeof pretextSharedMemory) {
        const size_t byte = size_t(at - shared);
        if (byte + size > sharedBytes)
            return beyond({true, byte}, writes);
        visit(sharedCells, {true, byte}, size, writes);
    }
}

} // namespace

char *heapBegin()
{
    return heap;
}
size_t heapSize()
{
    return kHeap;
}

void markAllocated(char *begin, size_t bytes, bool allocated)
{
    std::memset(allocatedGrains + (begin - heap) / kGrain, allocated, (bytes + kGrain - 1) / kGrain);
}

void setSharedBytes(size_t bytes)
{
    sharedBytes = bytes;
}

void addFinding(const char *text)
{
    if (!isFull())
        findings.emplace_back(text);
}

std::vector<std::string> takeFindings()
{
    return std::exchange(findings, {});
}

} // namespace cudahost

#ifdef CUDAHOST_WATCHES

bool cudahost::canWatch()
{
    return true;
}

// What GCC's instrumentation calls.
extern "C" {
void __tsan_init()
{
}
void __tsan_func_entry(void *)
{
}
void __tsan_func_exit()
{
}
void __tsan_vptr_update(void **, void *)
{
}
void __tsan_vptr_read(void **)
{
}
#define ACCESS(size)                                                                                                                                           \
    void __tsan_read##size(void *at)                                                                                                                           \
    {                                                                                                                                                          \
        if (cudahost::watching)                                                                                                                                \
            cudahost::access(at, size, false);                                                                                                                 \
    }                                                                                                                                                          \
    void __tsan_write##size(void *at)                                                                                                                          \
    {                                                                                                                                                          \
        if (cudahost::watching)                                                                                                                                \
            cudahost::access(at, size, true);                                                                                                                  \
    }                                                                                                                                                          \
    void __tsan_unaligned_read##size(void *at)                                                                                                                 \
    {                                                                                                                                                          \
        __tsan_read##size(at);                                                                                                                                 \
    }                                                                                                                                                          \
    void __tsan_unaligned_write##size(void *at)                                                                                                                \
    {                                                                                                                                                          \
        __tsan_write##size(at);                                                                                                                                \
    }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
#undef ACCESS
void __tsan_read_range(void *at, size_t size)
{
    if (cudahost::watching && size > 0)
        cudahost::access(at, size, false);
}
void __tsan_write_range(void *at, size_t size)
{
    if (cudahost::watching && size > 0)
        cudahost::access(at, size, true);
}
// Atomics of the host's code, guards of statics and shared pointers among them.
#define ATOMIC(bits, type)                                                                                                                                     \
    type __tsan_atomic##bits##_load(const volatile type *at, int)                                                                                              \
    {                                                                                                                                                          \
        return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                                                                                          \
    }                                                                                                                                                          \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int)                                                                                       \
    {                                                                                                                                                          \
        __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                                                                         \
    }                                                                                                                                                          \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int)                                                                                    \
    {                                                                                                                                                          \
        return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                                                                               \
    }                                                                                                                                                          \
    type __tsan_atomic##bits##_fetch_add(volatile type *at, type value, int)                                                                                   \
    {                                                                                                                                                          \
        return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);                                                                                                \
    }                                                                                                                                                          \
    type __tsan_atomic##bits##_fetch_sub(volatile type *at, type value, int)                                                                                   \
    {                                                                                                                                                          \
        return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);                                                                                                \
    }                                                                                                                                                          \
    bool __tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *expected, type value, int, int)                                                \
    {                                                                                                                                                          \
        return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                                                    \
    }
ATOMIC(8, char)
ATOMIC(16, short)
ATOMIC(32, int)
ATOMIC(64, long)
#undef ATOMIC
}

#else

bool cudahost::canWatch()
{
    return false;
}

#endif
