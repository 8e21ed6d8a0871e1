// The config of a new run: the recipe for the data, a file on top of it, and on top of that what the command line says.
#pragma once

#include "app/cli/trainarguments.h"
#include "core/engine/config.h"

#include <memory>

namespace pretext {

/// Opens the data that it is for. Throws UsageError naming the option.
RunConfig newConfig(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset);

} // namespace pretext
