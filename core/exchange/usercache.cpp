#include "core/exchange/usercache.h"

#include "core/exchange/safetensors.h"

#include <cstdlib>

namespace pretext {

namespace fs = std::filesystem;

fs::path userCache(const std::string &kind)
{
    if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        return fs::path(cache) / "pretext" / kind;
    if (const char *home = std::getenv("HOME"); home && *home)
        return fs::path(home) / ".cache" / "pretext" / kind;
    return {};
}

void keepInCache(const fs::path &path, const std::vector<std::byte> &bytes)
{
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    try {
        writeFileAtomically(path, bytes);
    } catch (const std::exception &) {
        // said above
    }
}

} // namespace pretext
