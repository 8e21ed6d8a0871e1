// What the host's CUDA finds out about kernels, for tests. Findings are sentences: two threads that touch the same memory without a barrier between them, of which one
// writes; an access beside what was allocated; a barrier that not all threads reach. Where a sanitizer of the compiler is in use, it looks for accesses instead.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <vector>

namespace cudahost {

/// What was found since the last call.
std::vector<std::string> takeFindings();
/// Whether accesses are looked at, which takes several times as long; at first, yes.
void watch(bool on);
/// Whether this build can.
bool canWatch();
/// The most that cudaMalloc gives from now on, all together.
void setMemory(size_t bytes);
/// What the next launch fails with, when it is waited for; and all calls after it, until this is called with cudaSuccess.
void loseDevice(cudaError_t with);
/// Launches that were done since the program began.
long launches();
/// Calls that a training step that goes on and on should not make, or not often.
struct Calls
{
    long allocations = 0; // of the device's memory, and of pinned memory
    long events = 0;      // that were made
    long waits = 0;       // of the host for the device, where there was something to wait for
    long singly = 0;      // kernels, products and copies within the device that were asked for by themselves
    long graphs = 0;      // that were made ready
    long graphLaunches = 0;
    long updates = 0; // nodes of graphs that were given other arguments
};
Calls calls();
/// Of a driver that makes no graphs, or takes no other arguments for one that it made.
enum class Refused { nothing, graphs, updates };
void refuse(Refused what);
/// Whether cuBLAS is not to be found.
void hideCublas(bool hide);

} // namespace cudahost
