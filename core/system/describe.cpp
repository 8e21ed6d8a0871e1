#include "core/system/describe.h"

#include "core/files/said.h"
#include "core/system/controlgroup.h"

#include <cstdio>
#include <new>

namespace pretext {

std::string describe(const std::exception &error)
{
    if (!dynamic_cast<const std::bad_alloc *>(&error))
        return error.what();
    const std::optional<FreeMemory> free = freeMemory();
    if (!free)
        return pretext::said("there is not enough memory: choose a smaller batch, encoder or image size, or close other programs");
    char gigabytes[32];
    std::snprintf(gigabytes, sizeof gigabytes, "%.1f", double(free->bytes) / 1e9);
    return pretext::said("there is not enough memory (%1 GB of %2 are free): choose a smaller batch, encoder or image size, or close other programs",
                         {gigabytes, free->limitedBy});
}

} // namespace pretext
