// How a run goes on, itself or in another that is forked from it: from its newest checkpoint that is whole, or from its config where it was ended
// before it wrote one.
#pragma once

#include "core/engine/job.h"

namespace pretext {

struct Resumption
{
    TrainerOptions options; // config, out, start; the data are still to be opened
    CheckpointState state;  // of the checkpoint; as at the start where there is none
};

/// A run, or a checkpoint file of one; or as it was at any step of a run, which then takes the steps again that lie between its checkpoint and that
/// one. Throws std::runtime_error where there is no run, none of its checkpoints is whole, it never was at that step, or another process writes it.
Resumption resumptionOf(const std::filesystem::path &runOrCheckpoint, std::optional<int64_t> step = {});
/// The same for another run, which begins with all that the run had at the step; its folder, options.out, is still to be chosen. The run may be
/// written by another process meanwhile.
Resumption forkOf(const std::filesystem::path &runOrCheckpoint, std::optional<int64_t> step = {});

/// Where the run is, by its metrics and checkpoints.
int64_t lastStepOf(const std::filesystem::path &run);

/// "RUN@STEP", or a run or checkpoint without a step.
struct RunAtStep
{
    std::filesystem::path run;
    std::optional<int64_t> step;
};
/// A path that is there is taken as it is, whatever its name. Throws std::invalid_argument where what follows the @ is no step.
RunAtStep runAtStepNamed(const std::string &text);

/// Whether a new run may have the folder: it is not there, or holds nothing but what a run leaves that was ended before it wrote its config.
bool isFreeForRun(const std::filesystem::path &folder);

} // namespace pretext
