// Trains in this process and tells a terminal about it.
#pragma once

#include "core/engine/job.h"

#include <filesystem>
#include <string>

namespace pretext {

/// Runs the trainer to its end or to Ctrl-C, with a progress bar on a terminal and plain lines elsewhere. Returns 0; throws
/// std::runtime_error with the trainer's one line where it failed.
int trainAndTell(const TrainerOptions &options, Lanes &lanes);
/// Takes the run into the user's list as it is now; returns why it could not. The list is a convenience: nothing ends for want of it.
std::string tryToList(const std::filesystem::path &run);

} // namespace pretext
