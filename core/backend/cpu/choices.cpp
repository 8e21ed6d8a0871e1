// What decides the last bits of a result on this processor.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/directconv.h"
#include "core/system/threads.h"

#include <dnnl.h>
#include <nlohmann/json.hpp>

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

} // namespace

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
