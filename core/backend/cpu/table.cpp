#include "core/backend/cpu/cpu.h"
#include "core/backend/devices.h"

namespace pretext::cpu {

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
        return entries;
    }();
    return table;
}

} // namespace pretext::cpu
