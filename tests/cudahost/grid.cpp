// Runs a launch: the threads of a block are fibres, each goes on until it waits for others, and a block's end is the next one's beginning.
#include "tests/cudahost/cudahost.h"
#include "tests/cudahost/watching.h"

#include <algorithm>
#include <cstdlib>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

extern unsigned char pretextSharedMemory[];
dim3 threadIdx, blockIdx, blockDim, gridDim;

// Keeps what a call must keep on the stack, and goes on with another stack.
extern "C" void cudahostSwitch(void **from, void *to);
asm(R"(
.text
.globl cudahostSwitch
.type cudahostSwitch,@function
cudahostSwitch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size cudahostSwitch,.-cudahostSwitch
)");

namespace cudahost {

extern bool watchingWanted;

namespace {

size_t sharedBytes = 0;

constexpr size_t kStack = 64 * 1024, kMostThreads = 1024, kWarp = 32;

enum class State { ready, atBlock, atWarp, ended };

struct Fibre
{
    State state = State::ended;
    void *stack = nullptr; // where it goes on
    dim3 thread;
    uint32_t exchanges = 0;
};

struct Block
{
    Fibre fibres[kMostThreads];
    uint64_t exchanged[kMostThreads / kWarp][2][kWarp] = {};
    uint32_t warpEpochs[kMostThreads / kWarp] = {};
    size_t count = 0, running = 0;
    void *scheduler = nullptr;
    const std::function<void()> *thread = nullptr;
    char *stacks = static_cast<char *>(mmap(nullptr, kStack *kMostThreads, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
};

Block &block()
{
    static Block *const made = new Block;
    return *made;
}

#ifdef __SANITIZE_ADDRESS__
void *schedulerFake = nullptr;
const void *schedulerBottom = nullptr;
size_t schedulerSize = 0;
#endif

/// Back to the scheduler.
void leave(State state)
{
    Block &b = block();
    Fibre &fibre = b.fibres[b.running];
    fibre.state = state;
#ifdef __SANITIZE_ADDRESS__
    void *fake = nullptr;
    __sanitizer_start_switch_fiber(state == State::ended ? nullptr : &fake, schedulerBottom, schedulerSize);
#endif
    cudahostSwitch(&fibre.stack, b.scheduler);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake, &schedulerBottom, &schedulerSize);
#endif
}

void begin()
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, &schedulerBottom, &schedulerSize);
#endif
    (*block().thread)();
    leave(State::ended);
    std::abort(); // it is not gone on with
}

void resume(size_t index)
{
    Block &b = block();
    b.running = index;
    threadIdx = b.fibres[index].thread;
    place.thread = uint16_t(index);
    place.warpEpoch = b.warpEpochs[index / kWarp];
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(&schedulerFake, b.stacks + kStack * index, kStack);
#endif
    cudahostSwitch(&b.scheduler, b.fibres[index].stack);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(schedulerFake, nullptr, nullptr);
#endif
}

void prepare(size_t index)
{
    Block &b = block();
    Fibre &fibre = b.fibres[index];
    void **top = reinterpret_cast<void **>(b.stacks + kStack * (index + 1));
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(b.stacks + kStack * index, kStack); // what ended there never returned from leave(), whose frame is still marked
#endif
    *--top = nullptr; // where begin() would return to
    *--top = reinterpret_cast<void *>(&begin);
    for (int saved = 0; saved < 6; ++saved)
        *--top = nullptr;
    fibre.stack = top;
    fibre.state = State::ready;
    fibre.exchanges = 0;
    fibre.thread = dim3(unsigned(index % blockDim.x), unsigned(index / blockDim.x % blockDim.y), unsigned(index / blockDim.x / blockDim.y));
}

/// Lets those go on who wait, where all do that have not ended, of [first, last).
bool release(size_t first, size_t last, State waiting)
{
    Block &b = block();
    size_t waits = 0;
    for (size_t i = first; i < last; ++i) {
        if (b.fibres[i].state == State::ended)
            continue;
        if (b.fibres[i].state != waiting)
            return false;
        ++waits;
    }
    for (size_t i = first; i < last; ++i)
        if (b.fibres[i].state == waiting)
            b.fibres[i].state = State::ready;
    return waits > 0;
}

/// False: all have ended.
bool releaseSome()
{
    Block &b = block();
    bool some = false;
    for (size_t first = 0; first < b.count; first += kWarp)
        if (release(first, std::min(first + kWarp, b.count), State::atWarp)) {
            ++b.warpEpochs[first / kWarp];
            some = true;
        }
    if (release(0, b.count, State::atBlock)) {
        ++place.blockEpoch;
        some = true;
    }
    if (some)
        return true;
    for (size_t i = 0; i < b.count; ++i)
        if (b.fibres[i].state != State::ended) {
            addFinding(("thread " + std::to_string(i) + " of block " + std::to_string(place.block) + " waits at a barrier that others never reach").c_str());
            return false;
        }
    return false;
}

void runBlock()
{
    Block &b = block();
    place.blockEpoch = 0;
    std::fill(std::begin(b.warpEpochs), std::end(b.warpEpochs), 0);
    std::memset(pretextSharedMemory, 0xff, sharedBytes); // a NaN: what a block before left there is nobody's
    for (size_t i = 0; i < b.count; ++i)
        prepare(i);
    do {
        for (size_t i = 0; i < b.count; ++i)
            if (b.fibres[i].state == State::ready)
                resume(i);
    } while (releaseSome());
}

} // namespace

void runLaunch(const Grid &grid, const std::function<void()> &thread)
{
    Block &b = block();
    gridDim = grid.blocks;
    blockDim = grid.threads;
    b.count = size_t(blockDim.x) * blockDim.y * blockDim.z;
    b.thread = &thread;
    setSharedBytes(sharedBytes = grid.sharedBytes);
    ++place.launch;
    watching = watchingWanted;
    for (unsigned z = 0; z < gridDim.z; ++z)
        for (unsigned y = 0; y < gridDim.y; ++y)
            for (unsigned x = 0; x < gridDim.x; ++x) {
                blockIdx = dim3(x, y, z);
                place.block = (z * gridDim.y + y) * gridDim.x + x;
                runBlock();
            }
    watching = false;
}

void blockBarrier()
{
    leave(State::atBlock);
}

void warpBarrier()
{
    leave(State::atWarp);
}

int lane()
{
    return int(block().running % kWarp);
}

const uint64_t *exchanged(uint64_t mine)
{
    Block &b = block();
    const size_t index = b.running;
    uint64_t *const slots = b.exchanged[index / kWarp][b.fibres[index].exchanges++ % 2];
    slots[index % kWarp] = mine;
    warpBarrier();
    return slots;
}

} // namespace cudahost

unsigned __ballot_sync(unsigned, int predicate)
{
    const uint64_t *all = cudahost::exchanged(predicate != 0);
    unsigned bits = 0;
    for (unsigned lane = 0; lane < 32; ++lane)
        bits |= unsigned(all[lane] != 0) << lane;
    return bits;
}

int atomicCAS(int *at, int compared, int value)
{
    const int before = *at;
    if (before == compared)
        *at = value;
    return before;
}

int atomicAdd(int *at, int value)
{
    const int before = *at;
    *at += value;
    return before;
}
