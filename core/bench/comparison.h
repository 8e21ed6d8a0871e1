// Times a row on our side and, where there is one, on another's, in turns, so that a machine that slows down slows both.
#pragma once

#include "core/bench/row.h"

#include <optional>
#include <string>
#include <vector>

namespace pretext::bench {

struct Side
{
    std::string name;               // "pretext", "f32", "bf16"
    std::vector<double> times = {}; // of every step, milliseconds
    double median = 0;
    double peakBytes = 0;      // resident
    double secondsToReady = 0; // from the start of its process, two steps included
    std::string failure = {};  // why there are no times
};

struct Comparison
{
    Side ours;
    std::vector<Side> others; // by precision
    /// The better of the others that have times.
    const Side *best() const;
};

struct Commands
{
    std::string ours;   // that serves a row: "... bench --serve NAME"
    std::string others; // "python3 tests/bench/pytorch.py", or empty
    int threads = 0;    // that the others are to use
};

Comparison compare(const Row &row, const Commands &commands, int rounds);
double median(std::vector<double> values); // 0 of none

} // namespace pretext::bench
