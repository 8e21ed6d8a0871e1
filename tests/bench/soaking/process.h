// What this process holds of the machine.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

namespace pretext::bench {

struct Holdings
{
    double memory = 0; /* MB resident */
    double handles = 0, threads = 0;
};

inline Holdings holdingsNow()
{
    const auto entries = [](const char *folder) { return double(std::distance(std::filesystem::directory_iterator(folder), {})); };
    std::ifstream statm("/proc/self/statm");
    double total = 0, resident = 0; // pages
    statm >> total >> resident;
    return {resident * double(sysconf(_SC_PAGESIZE)) / 1e6, entries("/proc/self/fd") - 1, entries("/proc/self/task")}; // one is the listing itself
}

} // namespace pretext::bench
