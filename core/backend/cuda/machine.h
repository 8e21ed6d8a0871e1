// The device: whether there is one, and what it is; what went wrong on it. Looked for when it is first wanted.
#pragma once

#include <cuda_runtime.h>

#include <string>

namespace pretext::cuda {

struct Machine
{
    bool there = false;
    std::string missing;                                       // what was looked for and not found
    std::string name;                                          // "NVIDIA H100 80GB HBM3"
    int major = 0, minor = 0, multiprocessors = 0, driver = 0; // driver: the version of CUDA that it serves, 13000
};

const Machine &machine();
int multiprocessors();
/// Of bfloat16 and tf32.
bool hasTensorCores();

/// Whether the device is waited for after each operation, so that what fails is known by name: PRETEXT_CUDA_WAIT is set.
bool waitsForEach();

/// While alive, what fails on this thread is said to have been done for this operation.
class OperationName
{
public:
    explicit OperationName(const char *name);
    ~OperationName();
    OperationName(const OperationName &) = delete;
    OperationName &operator=(const OperationName &) = delete;

private:
    const char *m_outer;
};
/// That of this thread; null where it is at none.
const char *operationName();

/// Throws std::runtime_error, or OutOfDeviceMemory, where a call of CUDA did not succeed; the message names the operation that it was made for.
void require(cudaError_t result, const char *operation = operationName());

/// Waits until all that was asked for is done, in both streams, and throws what went wrong in it.
void finish();

/// What a kernel found wrong with numbers that it was given, in memory that the host sees, too. The first that is found is told, to the thread that asked for the
/// kernel, by its next call that waits for the device: of two trainers side by side each hears of its own.
struct Trouble
{
    enum Kind : int { none, embeddingId, crossEntropyTarget, meanRowsLength };
    int kind, value, limit;
    long long place;
};
Trouble *trouble();
/// Throws std::invalid_argument where there is one; the device must have been waited for.
void throwTrouble();

} // namespace pretext::cuda
