#include "core/backend/cuda/cublas.h"
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/stream.h"
#include "core/backend/devices.h"
#include "core/backend/profiled.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace pretext::cuda {

namespace {

/// An operation that has a name while it runs, for what may fail.
template<auto operation>
struct Named;

template<class... Arguments, void (*operation)(Arguments...)>
struct Named<operation>
{
    template<OperationId id>
    static void call(Arguments... arguments)
    {
        const OperationName name(nameOf(id));
        operation(arguments...);
        if (waitsForEach())
            finish();
    }
};

/// The same of what is no operation of the list.
void makeNamedViews(const ViewPlan &plan, std::span<const Tensor> y)
{
    const OperationName name("makeViews");
    makeViews(plan, y);
    if (waitsForEach())
        finish();
}

} // namespace

std::string choices()
{
    const Machine &device = machine();
    return nlohmann::json{{"device", nameOf(Device::cuda)},
                          {"name", device.name},
                          {"capability", std::to_string(device.major) + "." + std::to_string(device.minor)},
                          {"driver", std::to_string(device.driver / 1000) + "." + std::to_string(device.driver % 1000 / 10)},
                          {"products", cublas() ? cublas()->name : "ours"},
                          {"convolutions", "implicit products"},
                          {"copies", "beside operations"},
                          {"graphs", usesGraphs() ? "of what repeats" : "none, each operation is launched"}}
        .dump();
}

bool available()
{
    return machine().there;
}

std::string missing()
{
    return machine().missing;
}

DeviceInfo information()
{
    size_t free = 0, all = 0;
    require(cudaMemGetInfo(&free, &all));
    return {machine().name, all, free, cublas() ? cublas()->name : "its own kernels; cuBLAS is not installed"};
}

const Backend &table()
{
    if (!machine().there)
        throw std::invalid_argument("[device] there is no CUDA here: " + machine().missing + "; leave --device out, or give --device cpu");
    static const Backend table = [] {
        Backend entries;
        entries.name = "cuda";
        entries.narrowMaps = true;
#define OPERATION(name, parameters) entries.name = Named<&cuda::name>::call<OperationId::name>;
#include "core/backend/operations.def"
#undef OPERATION
        entries.allocate = allocate;
        entries.release = release;
        entries.toHost = toHost;
        entries.fromHost = fromHost;
        entries.allocateForUpload = allocateForUpload;
        entries.upload = upload;
        entries.copyToHost = copyToHost;
        entries.memory = memory;
        entries.beginMemoryPeak = beginMemoryPeak;
        entries.memoryPeak = memoryPeak;
        entries.giveBack = giveBack;
        entries.makeViews = makeNamedViews;
        entries.synchronize = synchronize;
        entries.choices = choices;
        entries.information = information;
        entries.multipliesTf32 = hasTensorCores();
        entries.fasterPrecision = hasTensorCores() ? Precision::bf16 : Precision::f32;
        return entries;
    }();
    return table;
}

} // namespace pretext::cuda
