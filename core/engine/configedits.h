// A config.json that was edited by hand since the last checkpoint: a resume goes on with the checkpoint's, and says so.
#pragma once

#include "core/engine/config.h"
#include "core/engine/lanes.h"

#include <string>
#include <vector>

namespace pretext {

/// Compares a run's config.json with the config of the checkpoint that it goes on from. What no command can have made differ was edited: it is set
/// back to the checkpoint's, and a sentence for each field says what is taken and how to get the other. `events` are the run's: a knob or a planned
/// end that they tell of differs rightly. Machine settings (threads, device) are not compared.
std::vector<std::string> settleEdits(RunConfig &written, const RunConfig &taken, const std::vector<Event> &events, const std::filesystem::path &run);

} // namespace pretext
