// The config of a new run: the recipe for the data, a file on top of it, and on top of that what the command line says.
#pragma once

#include "app/cli/trainarguments.h"
#include "core/engine/config.h"

#include <memory>

namespace pretext {

/// `dataset`: opened here where it is null. `told`: what the config leaves out and what the encoder is made as is printed. Throws UsageError naming
/// the option.
RunConfig newConfig(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset, bool told = true);

/// The same before its knobs are set, and unchecked.
RunConfig configWithoutKnobs(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset, bool told);

} // namespace pretext
