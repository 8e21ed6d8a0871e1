// What the user's cache keeps between runs: files that can be made again, so that reading and writing them may fail and nobody minds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

/// $XDG_CACHE_HOME/pretext/`kind`, or ~/.cache/pretext/`kind`; empty where there is no home.
std::filesystem::path userCache(const std::string &kind);

/// Whole or not at all, with the folders above it. A cache that cannot be written costs the next run some seconds, not this one: silent.
/// What nobody has used for ninety days goes.
void keepInCache(const std::filesystem::path &path, const std::vector<std::byte> &bytes);
/// Removes from a folder of the cache what nobody has used for ninety days.
void forgetUnused(const std::filesystem::path &folder);
/// What was read of the cache stays for another ninety days.
void markUsed(const std::filesystem::path &path);

} // namespace pretext
