#include "core/system/describe.h"

#include "core/system/controlgroup.h"

#include <cstdio>
#include <new>

namespace pretext {

std::string describe(const std::exception &error)
{
    if (!dynamic_cast<const std::bad_alloc *>(&error))
        return error.what();
    const std::optional<FreeMemory> free = freeMemory();
    char left[64] = "";
    if (free)
        std::snprintf(left, sizeof left, " (%.1f GB of %s are free)", double(free->bytes) / 1e9, free->limitedBy.c_str());
    return std::string("there is not enough memory") + left + ": choose a smaller batch, encoder or image size, or close other programs";
}

} // namespace pretext
