// The options that say what a new run is, for every subcommand that begins some.
#pragma once

#include "app/cli/trainarguments.h"

namespace CLI {
class App;
}

namespace pretext {

/// Method, data and encoder; `more`: what else is to be said of --dataset.
void addWhatIsTrained(CLI::App &command, TrainArguments &arguments, const std::string &more = {});
/// All else but its length, its knobs, its evaluation and its folder.
void addHowItIsTrained(CLI::App &command, TrainArguments &arguments);
void addCheckpointBytes(CLI::App &command, TrainArguments &arguments);

/// All of `pretext train`.
void addTraining(CLI::App &command, TrainArguments &arguments);

} // namespace pretext
