#include "core/backend/backend.h"

#include "core/backend/devices.h"
#include "core/backend/profiled.h"

namespace pretext {

const Backend &backend(Device device)
{
    if (operationsAreHeard())
        return profiledBackend(device);
    return device == Device::cpu ? cpu::table() : cuda::table();
}

bool available(Device device)
{
    return device == Device::cpu || cuda::available();
}

} // namespace pretext
