#include "core/system/describe.h"

#include "core/files/said.h"
#include "core/system/controlgroup.h"
#include "core/system/outofdevicememory.h"

#include <cstdio>
#include <new>

namespace pretext {

namespace {

std::string gigabytes(size_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", double(bytes) / 1e9);
    return text;
}

} // namespace

std::string describe(const std::exception &error)
{
    if (const auto *device = dynamic_cast<const OutOfDeviceMemory *>(&error))
        return pretext::said("%1 has not enough memory (%2 GB of %3 GB are free): choose a smaller batch, encoder or image size, or --device cpu",
                             {device->device, gigabytes(device->freeBytes), gigabytes(device->allBytes)});
    if (!dynamic_cast<const std::bad_alloc *>(&error))
        return error.what();
    const std::optional<FreeMemory> free = freeMemory();
    if (!free)
        return pretext::said("there is not enough memory: choose a smaller batch, encoder or image size, or close other programs");
    return pretext::said("there is not enough memory (%1 GB of %2 are free): choose a smaller batch, encoder or image size, or close other programs",
                         {gigabytes(size_t(free->bytes)), free->limitedBy});
}

} // namespace pretext
