#include "core/backend/profiled.h"

#include "core/backend/devices.h"
#include "core/backend/operationcost.h"

#include <type_traits>
#include <utility>

namespace pretext {

namespace {

using ProfileClock = std::chrono::steady_clock;

thread_local OperationListener *heardBy = nullptr;
thread_local bool insideOperation = false;

template<Device device>
const Backend &unprofiled()
{
    if constexpr (device == Device::cpu)
        return cpu::table();
    else
        return cuda::table();
}

template<class Argument>
void noteShape(const Argument &argument, OperationRun &run)
{
    if constexpr (std::is_same_v<Argument, Tensor>) {
        if (!argument.defined())
            return;
        if (run.input.rank() == 0)
            run.input = argument.shape();
        run.output = argument.shape();
    }
}

template<Device device, OperationId id, auto Entry, class... Arguments>
void timed(Arguments... arguments)
{
    const auto operation = unprofiled<device>().*Entry;
    if (insideOperation || !heardBy)
        return operation(arguments...);
    struct Inside
    {
        Inside() { insideOperation = true; }
        ~Inside() { insideOperation = false; }
    };
    OperationRun run{id, ProfileClock::now(), {}, 0, {}, {}};
    {
        const Inside inside;
        operation(arguments...);
        if (const auto synchronize = unprofiled<device>().synchronize)
            synchronize();
    }
    run.end = ProfileClock::now();
    run.flop = cost::flop(cost::Is<id>(), arguments...);
    (noteShape(arguments, run), ...);
    heardBy->ran(run);
}

template<Device device, OperationId id, auto Entry, class... Arguments>
void wrap(Backend &table, void (*Backend::*)(Arguments...))
{
    table.*Entry = &timed<device, id, Entry, Arguments...>;
}

template<Device device>
const Backend &profiledTable()
{
    static const Backend table = [] {
        Backend entries = unprofiled<device>();
#define OPERATION(name, parameters) wrap<device, OperationId::name, &Backend::name>(entries, &Backend::name);
#include "core/backend/operations.def"
#undef OPERATION
        return entries;
    }();
    return table;
}

} // namespace

const char *nameOf(OperationId operation)
{
    static const char *const names[] = {
#define OPERATION(name, parameters) #name,
#include "core/backend/operations.def"
#undef OPERATION
    };
    return names[size_t(operation)];
}

ListenToOperations::ListenToOperations(OperationListener *listener) : m_before(std::exchange(heardBy, listener))
{
}

ListenToOperations::~ListenToOperations()
{
    heardBy = m_before;
}

bool operationsAreHeard()
{
    return heardBy != nullptr;
}

const Backend &profiledBackend(Device device)
{
    return device == Device::cpu ? profiledTable<Device::cpu>() : profiledTable<Device::cuda>();
}

} // namespace pretext
