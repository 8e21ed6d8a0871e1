#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/elementkinds.h"
#include "core/backend/devices.h"

namespace pretext::cpu {

namespace {

/// With the instructions for pairs (AVX-512 BF16) a layer in bf16 takes three fifths of the time and less; without them bf16 is rounded floats, no faster.
constexpr Precision kFasterPrecision = kMultipliesPairs ? Precision::bf16 : Precision::f32;

} // namespace

const Backend &table()
{
    static const Backend table = [] {
        Backend entries;
        entries.name = "cpu";
        entries.narrowMaps = true;
#define OPERATION(name, parameters) entries.name = cpu::name;
#include "core/backend/operations.def"
#undef OPERATION
        entries.allocate = allocate;
        entries.release = release;
        entries.toHost = toHost;
        entries.fromHost = fromHost;
        entries.memory = memory;
        entries.beginMemoryPeak = beginMemoryPeak;
        entries.memoryPeak = memoryPeak;
        entries.giveBack = giveBack;
        entries.choices = choices;
        entries.information = information;
        entries.fasterPrecision = kFasterPrecision;
        return entries;
    }();
    return table;
}

} // namespace pretext::cpu
