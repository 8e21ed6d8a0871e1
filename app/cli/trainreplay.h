// `pretext train --replay RUN@STEP`: a step of a run again, and what came of it.
#pragma once

#include "app/cli/givenoptions.h"
#include "app/cli/trainarguments.h"

namespace pretext {

/// Throws UsageError where the command line asks for anything else beside it, std::runtime_error where the step cannot be reached.
int replayAndTell(const TrainArguments &arguments, const GivenOptions &given);

} // namespace pretext
