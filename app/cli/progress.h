// Trains in this process and tells a terminal about it.
#pragma once

#include "core/engine/job.h"

namespace pretext {

/// Runs the trainer to its end or to Ctrl-C, with a progress bar on a terminal and plain lines elsewhere. Returns 0; throws
/// std::runtime_error with the trainer's one line where it failed.
int trainAndTell(const TrainerOptions &options, Lanes &lanes);

} // namespace pretext
