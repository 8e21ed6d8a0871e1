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

/// A run, or a checkpoint file of one. Throws std::runtime_error where there is no run, none of its checkpoints is whole, or another process
/// writes it.
Resumption resumptionOf(const std::filesystem::path &runOrCheckpoint);
/// The same for another run, which begins with all that the checkpoint holds; its folder, options.out, is still to be chosen. The run may be written
/// by another process meanwhile.
Resumption forkOf(const std::filesystem::path &runOrCheckpoint);

/// Whether a new run may have the folder: it is not there, or holds nothing but what a run leaves that was ended before it wrote its config.
bool isFreeForRun(const std::filesystem::path &folder);

} // namespace pretext
