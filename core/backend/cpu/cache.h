// The caching allocator, so that a training step that repeats finds the memory of the step before and asks the system for nothing. Small blocks
// wait in a list per size class. Others are cut from arenas and grow together again when they are free: what the first layers have used
// serves the last ones, and the program holds little more than what is alive at the worst moment.
#pragma once

#include "core/backend/backend.h"

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace pretext::cpu {

class Cache
{
public:
    /// At least this many bytes, aligned to 64. Throws std::bad_alloc.
    void *take(size_t bytes);
    /// What was taken with the same number of bytes.
    void give(void *block, size_t bytes);
    MemoryStatistics statistics();
    /// The most bytes in use at once since the last beginPeak().
    size_t peak();
    void beginPeak();
    /// The system gets back what is free.
    void giveBack();

private:
    char *takeSmall(size_t bytes);
    /// Memory that blocks are cut from.
    struct Arenas
    {
        std::map<char *, size_t> touched; // of each: what lies beyond was never used, so the system has not yet provided it
        std::map<char *, size_t> free;    // pieces, by address
    };

    char *takeLarge(Arenas &arenas, size_t bytes);
    static void giveLarge(Arenas &arenas, char *begin, size_t bytes);
    void touch(Arenas &arenas, char *end);
    void giveBackLarge(Arenas &arenas);
    void addArena(Arenas &arenas, size_t bytes);
    Arenas &arenasFor(size_t bytes);
    char *fromSystem(size_t bytes);
    void giveBackSmall();

    std::mutex m_mutex;
    std::array<std::vector<char *>, 256> m_small; // free blocks, by size class
    Arenas m_middle, m_large;
    size_t m_held = 0; // bytes that were ever used
    size_t m_peak = 0;
    MemoryStatistics m_statistics;
};

} // namespace pretext::cpu
