// Where the time of a run's steps went, by phase and within each by operation.
#pragma once

#include "core/engine/lanes.h"
#include "core/files/said.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

/// The phases of a step, in their order.
struct StepPhase
{
    const char *name;
    double Timings::*time;
};
inline constexpr StepPhase kStepPhases[] = {{PRETEXT_SAID("data"), &Timings::data},
                                            {PRETEXT_SAID("forward"), &Timings::forward},
                                            {PRETEXT_SAID("backward"), &Timings::backward},
                                            {PRETEXT_SAID("optimizer"), &Timings::optimizer},
                                            {PRETEXT_SAID("snapshot"), &Timings::snapshot}};

/// Sums over all steps. `flop` is 0 where an operation's are not counted.
struct OperationProfile
{
    std::string name;
    int64_t calls = 0;
    double milliseconds = 0, flop = 0;
};
struct PhaseProfile
{
    std::string name;
    double milliseconds = 0;
    std::vector<OperationProfile> operations;
}; // the longest first

struct Profile
{
    int64_t steps = 0;
    double milliseconds = 0;          // of all steps together
    double batchMilliseconds = 0;     // that making their batches took, on the loader's thread, beside the steps before
    std::vector<PhaseProfile> phases; // of kStepPhases, in order
    std::filesystem::path trace;      // the trace file, where one was written
    int64_t tracedSteps = 0;          // that it holds, from the first
};

/// A heading and a row for each phase and each operation in it: milliseconds a step, share of the step, calls a step, and the rate where
/// the work is counted. What a phase spends outside operations is a row of its own. Operations below `leastShare` of a step are left out.
std::vector<std::vector<std::string>> profileTable(const Profile &profile, double leastShare = 0);

} // namespace pretext
