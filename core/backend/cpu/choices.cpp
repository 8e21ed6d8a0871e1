// What decides the last bits of a result on this processor.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/directconv.h"
#include "core/system/controlgroup.h"
#include "core/system/threads.h"

#include <dnnl.h>
#include <nlohmann/json.hpp>

#include <fstream>

#include <unistd.h>

namespace pretext::cpu {

namespace {

const char *instructionSet()
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "sse4.1";
    case dnnl_cpu_isa_avx: return "avx";
    case dnnl_cpu_isa_avx2: return "avx2";
    case dnnl_cpu_isa_avx2_vnni: return "avx2-vnni";
    case dnnl_cpu_isa_avx512_core: return "avx512";
    case dnnl_cpu_isa_avx512_core_vnni: return "avx512-vnni";
    case dnnl_cpu_isa_avx512_core_bf16: return "avx512-bf16";
    case dnnl_cpu_isa_avx512_core_amx: return "avx512-amx";
    default: return "other";
    }
}

std::string processorName()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (const size_t colon = line.find(": "); line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    return "the processor";
}

} // namespace

DeviceInfo information()
{
    const auto free = freeMemory();
    return {processorName(), uint64_t(sysconf(_SC_PHYS_PAGES)) * uint64_t(sysconf(_SC_PAGESIZE)), free ? free->bytes : 0,
            std::string("its own kernels for ") + instructionSet() + ", oneDNN"};
}

std::string choices()
{
    const dnnl_version_t *version = dnnl_version();
    return nlohmann::json{{"device", nameOf(Device::cpu)},
                          {"onednn", std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch)},
                          {"isa", instructionSet()},
                          {"convolutions", direct::kAvailable ? "winograd, direct" : "winograd, onednn"},
                          {"threads", threads()}}
        .dump();
}

} // namespace pretext::cpu
