#include "core/backend/cuda/machine.h"

#include "core/backend/cuda/stream.h"
#include "core/system/outofdevicememory.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext::cuda {

namespace {

thread_local const char *currentOperation = nullptr;

/// The operations that were asked for last, by whatever thread: a kernel that fails is heard of only when somebody waits for the device.
constexpr size_t kRemembered = 4;
std::array<std::atomic<const char *>, kRemembered> lastOperations{};
std::atomic<size_t> operationCount = 0;

std::string versionText(int version)
{
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why there is no device, after `failed` from the runtime.
std::string reasonOf(cudaError_t failed, int count)
{
    constexpr const char *kDriver = "libcuda.so.1";
    void *const driver = dlopen(kDriver, RTLD_LAZY | RTLD_LOCAL);
    if (!driver)
        return std::string("looked for NVIDIA's driver, ") + kDriver + ", which is not installed";
    dlclose(driver);
    int served = 0, wanted = 0;
    cudaDriverGetVersion(&served);
    cudaRuntimeGetVersion(&wanted);
    if (failed == cudaErrorInsufficientDriver)
        return "NVIDIA's driver serves CUDA " + versionText(served) + ", and CUDA " + versionText(wanted) + " is needed: bring the driver up to date";
    if (failed != cudaSuccess)
        return "NVIDIA's driver is installed, but says: " + std::string(cudaGetErrorString(failed));
    return "NVIDIA's driver is installed, but tells of " + std::to_string(count) + " cards";
}

Machine look()
{
    Machine found;
    int count = 0;
    const cudaError_t counted = cudaGetDeviceCount(&count);
    if (counted != cudaSuccess || count < 1) {
        cudaGetLastError(); // which would else be the next launch's
        found.missing = reasonOf(counted, count);
        return found;
    }
    cudaDeviceProp properties{};
    if (const cudaError_t asked = cudaGetDeviceProperties(&properties, 0); asked != cudaSuccess) {
        cudaGetLastError();
        found.missing = reasonOf(asked, count);
        return found;
    }
    found.name = properties.name;
    found.major = properties.major;
    found.minor = properties.minor;
    found.multiprocessors = properties.multiProcessorCount;
    cudaDriverGetVersion(&found.driver);
    constexpr int kOldest = 75; // of the architectures that the kernels are compiled for
    found.there = 10 * found.major + found.minor >= kOldest;
    if (!found.there)
        found.missing = found.name + " is of compute capability " + std::to_string(found.major) + "." + std::to_string(found.minor) + ", and 7.5 is needed";
    return found;
}

std::string operationsBefore()
{
    std::string names;
    const size_t count = operationCount;
    for (size_t i = count < kRemembered ? 0 : count - kRemembered; i < count; ++i)
        if (const char *name = lastOperations[i % kRemembered])
            names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

/// A thread's, and after it another's. None is given back: a kernel that nobody waited for may still write it.
struct OwnTrouble
{
    OwnTrouble()
    {
        const std::lock_guard lock(mutex);
        if (spare.empty()) {
            void *memory = nullptr;
            require(cudaHostAlloc(&memory, sizeof(Trouble), cudaHostAllocMapped));
            spare.push_back(static_cast<Trouble *>(memory));
        }
        cell = new (spare.back()) Trouble{};
        spare.pop_back();
    }
    ~OwnTrouble()
    {
        const std::lock_guard lock(mutex);
        spare.push_back(cell);
    }
    Trouble *cell;
    static inline std::mutex mutex;
    static inline std::vector<Trouble *> spare;
};

} // namespace

const Machine &machine()
{
    static const Machine *const found = new Machine(look()); // never destroyed: tensors with static storage are released after everything else
    return *found;
}

bool waitsForEach()
{
    static const bool set = std::getenv("PRETEXT_CUDA_WAIT") != nullptr;
    return set;
}

void require(cudaError_t result, const char *operation)
{
    if (result == cudaSuccess)
        return;
    cudaGetLastError();
    if (result == cudaErrorMemoryAllocation) {
        size_t free = 0, all = 0;
        cudaMemGetInfo(&free, &all);
        throw OutOfDeviceMemory(machine().name, free, all);
    }
    const std::string place = "[" + std::string(operation ? operation : "cuda") + "] ";
    throw std::runtime_error(place + "the device failed: " + cudaGetErrorString(result) + " (" + cudaGetErrorName(result) + "); it was asked last for "
                             + operationsBefore() + "; PRETEXT_CUDA_WAIT=1 tells which of them it was. The run can go on from its last checkpoint");
}

int multiprocessors()
{
    return machine().multiprocessors;
}

bool hasTensorCores()
{
    constexpr int kFirst = 8; // compute capability
    return machine().major >= kFirst;
}

OperationName::OperationName(const char *name) : m_outer(std::exchange(currentOperation, name))
{
    if (!m_outer)
        lastOperations[operationCount++ % kRemembered] = name;
}

OperationName::~OperationName()
{
    currentOperation = m_outer;
}

const char *operationName()
{
    return currentOperation;
}

void finish()
{
    require(cudaStreamSynchronize(copies()));
    require(cudaStreamSynchronize(stream()));
    throwTrouble();
}

Trouble *trouble()
{
    static thread_local const OwnTrouble own;
    return own.cell;
}

void throwTrouble()
{
    const Trouble found = *trouble();
    if (found.kind == Trouble::none)
        return;
    *trouble() = {};
    const std::string value = std::to_string(found.value), place = std::to_string(found.place), limit = std::to_string(found.limit);
    switch (found.kind) {
    case Trouble::embeddingId:
        throw std::invalid_argument("[embedding] id " + value + " at position " + place + " is not one of the table's " + limit + " rows");
    case Trouble::crossEntropyTarget:
        throw std::invalid_argument("[crossEntropy] target " + value + " of row " + place + " is not one of " + limit + " classes");
    default: throw std::invalid_argument("[meanRows] length " + value + " at position " + place + " is not one of 0 .. " + limit);
    }
}

} // namespace pretext::cuda
