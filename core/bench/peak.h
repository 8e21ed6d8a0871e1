// What this machine's cores can do at most: multiply-adds of single floats, all threads at once, from registers alone.
#pragma once

#include <string>

namespace pretext::bench {

struct Peak
{
    double gflops = 0;
    std::string instructions;
}; // "AVX-512", "AVX2", "scalar"

/// The best of a few tens of milliseconds.
Peak measurePeak(int threads);

} // namespace pretext::bench
