// `pretext train` that goes on with what there is: --resume with a run itself, --fork with the state of another.
#pragma once

#include "app/cli/trainarguments.h"
#include "core/engine/job.h"

namespace pretext {

/// Throw UsageError where the command line asks for what would make another run of it, std::runtime_error where there is nothing to go on with.
TrainerOptions resumedRun(const TrainArguments &arguments);
TrainerOptions forkedRun(const TrainArguments &arguments);

} // namespace pretext
