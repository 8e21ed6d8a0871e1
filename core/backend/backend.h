// The one table of operations that a device implements: plain functions on tensors, under the same file names for each device.
#pragma once

#include "core/backend/attentionmask.h"
#include "core/backend/options.h"
#include "core/backend/viewplan.h"
#include "core/tensor/readback.h"

#include <memory>
#include <span>
#include <string>

namespace pretext {

/// What the caching allocator did since the program began.
struct MemoryStatistics
{
    int64_t systemAllocations = 0; // requests that cached memory could not serve
    size_t bytesInUse = 0;
    size_t bytesCached = 0;
};

/// What a device is, for a reader.
struct DeviceInfo
{
    std::string name;                  // "NVIDIA H100 80GB HBM3", or the processor's
    uint64_t bytes = 0, freeBytes = 0; // of memory, all and what nobody has taken; 0 where the system does not say
    std::string products;              // what multiplies matrices
};

struct Backend
{
    const char *name = "";
    bool narrowMaps = false; // whether what lies between convolutions, or between linear layers and attention, may be bf16 (operations.def)
#define OPERATION(name, parameters) void(*name) parameters = nullptr;
#include "core/backend/operations.def"
#undef OPERATION

    // Memory. allocate returns 64-byte aligned bytes from a caching allocator; release gives them back to it.
    void *(*allocate)(size_t bytes) = nullptr;
    void (*release)(void *data, size_t bytes) = nullptr;
    void (*toHost)(const Tensor &x, void *destination) = nullptr; // plain row-major, dtype as stored
    void (*fromHost)(const void *source, Tensor &y) = nullptr;
    // Of a device that goes on by itself; null where every operation returns when it is done. upload is fromHost into memory from allocateForUpload that nobody
    // used yet: it waits for no operation that was asked for before. `source` may change when it returns.
    void *(*allocateForUpload)(size_t bytes) = nullptr;
    void (*upload)(const void *source, Tensor &y) = nullptr;
    std::unique_ptr<HostCopy> (*copyToHost)(std::span<const Tensor> tensors) = nullptr;
    MemoryStatistics (*memory)() = nullptr;
    void (*beginMemoryPeak)() = nullptr; // from now on; other threads' tensors count, too
    size_t (*memoryPeak)() = nullptr;    // the most bytes that tensors held at once since, what was in use then included
    void (*giveBack)() = nullptr;        // the system gets back what was in use and is free: the next job may be a small one

    /// Views of images as planned, [views, H, W, C] of one kind after another, normalised. Null: whoever makes batches makes them on the host, beside the steps.
    void (*makeViews)(const ViewPlan &plan, std::span<const Tensor> y) = nullptr;

    void (*synchronize)() = nullptr;    // returns when everything that was asked for is done; null: each operation returns when it is
    std::string (*choices)() = nullptr; // see backendChoices
    DeviceInfo (*information)() = nullptr;
    bool multipliesTf32 = false;
    Precision fasterPrecision = Precision::f32; // of layers: by what the device is, not by a measurement, so that a busy machine computes the same
};

/// Throws std::invalid_argument where this build or machine has no such device.
const Backend &backend(Device device);
bool available(Device device);
/// What was looked for and not found, "looked for NVIDIA's driver, libcuda.so.1, which is not installed"; empty where the device is available.
std::string missing(Device device);
/// "cpu", "cuda", or "auto": CUDA where there is one, else the CPU. Throws std::invalid_argument for another name, and for a device that this
/// build or machine has not, saying what there is.
Device deviceNamed(const std::string &name);
inline const Backend &backendOf(const Tensor &x)
{
    return backend(x.device());
}

/// "f32", "bf16" or "tf32", which is f32 where the current device has it not; "auto" is the one that layers are faster in there. Throws std::invalid_argument for another name.
Precision precisionNamed(const std::string &name);
const char *nameOf(Precision precision);
/// Throws std::invalid_argument where the current device multiplies in another than the one that is named.
void requirePrecision(const std::string &name);

/// What the current device's backend decided (kernels, processor), as JSON text for config.json and checkpoints.
std::string backendChoices();

} // namespace pretext
