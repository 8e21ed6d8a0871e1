#include "core/system/describe.h"

#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/system/controlgroup.h"
#include "core/system/outofdevicememory.h"

#include <new>

namespace pretext {

std::string describe(const std::exception &error)
{
    if (const auto *device = dynamic_cast<const OutOfDeviceMemory *>(&error))
        return pretext::said("%1 has not enough memory (%2 of %3 are free): choose a smaller batch, encoder or image size, or --device cpu",
                             {device->device, gigabytes(double(device->freeBytes)), gigabytes(double(device->allBytes))});
    if (!dynamic_cast<const std::bad_alloc *>(&error))
        return error.what();
    const std::optional<FreeMemory> free = freeMemory();
    if (!free)
        return pretext::said("there is not enough memory: choose a smaller batch, encoder or image size, or close other programs");
    return pretext::said("there is not enough memory (%1 of %2 are free): choose a smaller batch, encoder or image size, or close other programs",
                         {gigabytes(double(free->bytes)), free->limitedBy});
}

} // namespace pretext
