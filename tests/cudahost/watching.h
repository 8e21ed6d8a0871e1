// Looks at every access of a kernel; see cudahost.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cudahost {

/// The thread that runs, as ordering sees it.
struct Place
{
    uint32_t launch = 0, block = 0;
    uint16_t thread = 0, blockEpoch = 0; // barriers of the block that lie behind it
    uint32_t warpEpoch = 0;              // and of its warp
};

extern Place place;
extern bool watching; // a kernel runs, and is to be looked at

/// The device's memory, which the host may not touch but through copies.
char *heapBegin();
size_t heapSize();
void markAllocated(char *begin, size_t bytes, bool allocated);
/// The shared memory that a launch has.
void setSharedBytes(size_t bytes);

void addFinding(const char *text);

} // namespace cudahost
