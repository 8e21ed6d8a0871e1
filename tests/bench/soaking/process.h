// What this process holds of the machine.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <malloc.h>
#include <unistd.h>

namespace pretext::bench {

struct Holdings
{
    double memory = 0; // MB resident
    double heap = 0;   // MB of it in smaller blocks that the program asked for and holds; the rest is tensors, code, and what the allocator keeps
    double handles = 0, threads = 0;
};

inline Holdings holdingsNow()
{
    const auto entries = [](const char *folder) { return double(std::distance(std::filesystem::directory_iterator(folder), {})); };
    std::ifstream statm("/proc/self/statm");
    double total = 0, resident = 0; // pages
    statm >> total >> resident;
    const struct mallinfo2 heap = mallinfo2();
    return {resident * double(sysconf(_SC_PAGESIZE)) / 1e6, double(heap.uordblks) / 1e6, entries("/proc/self/fd") - 1,
            entries("/proc/self/task")}; // one is the listing itself
}

} // namespace pretext::bench
