// What the control groups of this process (cgroup, version 1 or 2, as containers and class servers set them) leave it of the machine: processors'
// time and memory. Every level from the process's own group upwards counts. Linux's files are read below `root`, so that a test can lay them out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pretext {

/// So many processors' worth of time, 1.5 say; nothing where no level limits it.
std::optional<double> processorQuota(const std::filesystem::path &root = "/");

struct FreeMemory
{
    uint64_t bytes = 0;
    std::string limitedBy; // "the machine", "its control group": of what that is, for a message
};

/// What this process can still take: the least of what the machine has, each level's limit leaves, and (below "/") its own limit on addresses; files that are only
/// cached count as free.
/// Nothing where the system does not say.
std::optional<FreeMemory> freeMemory(const std::filesystem::path &root = "/");

} // namespace pretext
