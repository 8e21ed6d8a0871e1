#include "core/files/usercache.h"

#include "core/files/safetensors.h"

#include <chrono>
#include <cstdlib>

namespace pretext {

namespace fs = std::filesystem;

void forgetUnused(const fs::path &folder)
{
    constexpr auto kUnused = std::chrono::days(90);
    std::error_code error;
    const auto eldest = fs::file_time_type::clock::now() - kUnused;
    for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
        std::error_code unknown; // somebody else may have removed it
        if (const auto used = file->last_write_time(unknown); !unknown && used < eldest)
            fs::remove(file->path(), unknown);
    }
}

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
        forgetUnused(path.parent_path());
    } catch (const std::exception &) {
        // said above
    }
}

void markUsed(const fs::path &path)
{
    std::error_code error;
    fs::last_write_time(path, fs::file_time_type::clock::now(), error);
}

} // namespace pretext
