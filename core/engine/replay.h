// Runs a step of a run again, by itself, and tells what came of it: of one that was not finite, the operation and the layer where that began.
#pragma once

#include "core/channels/layernorms.h"
#include "core/engine/job.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace pretext {

struct Replay
{
    Parent from;                                      // the run, and the step before
    ScalarRow row;                                    // of the step; without values where it was not finite
    std::vector<std::pair<std::string, double>> kept; // the same as metrics.csv has it; empty where it does not
    LayerNorms gradients;                             // of the step; empty where it was not finite
    StepFault fault;                                  // of the step, or of one before it that was taken again to get there
};

/// As the run was before the step, which is at least 1, with the knobs that it took: what takes it again, without a folder. The data are still to be opened.
/// Throws std::runtime_error as forkOf does.
TrainerOptions optionsBefore(const std::filesystem::path &run, int64_t step);

/// Nothing of the run is written. `step` is at least 1. From the kept state before a fault, or the checkpoint before the step, whose steps to there are
/// taken again first; `tell` is asked whether to go on, with what is being done. Throws std::runtime_error as forkOf and the trainer do.
Replay replayStep(const std::filesystem::path &run, int64_t step, int threads, const std::function<bool(const std::string &what, double share)> &tell);

} // namespace pretext
