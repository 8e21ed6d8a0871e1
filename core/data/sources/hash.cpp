// The hash that decides what is held out.
#include "core/data/sources/source.h"

namespace pretext {

/// FNV-1a, its bits mixed once more.
uint64_t stableHash(std::string_view text)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (unsigned char c : text)
        hash = (hash ^ c) * 0x100000001b3ull;
    return (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15ull >> 32;
}

} // namespace pretext
