// What `pretext sweep --set` asks for, and the sweep that comes of it.
#pragma once

#include "app/cli/trainarguments.h"
#include "core/engine/sweep.h"

#include <memory>

namespace pretext {

struct SweepArguments
{
    TrainArguments train; // whose knobs are those to be swept
    std::optional<int64_t> random, halving, stopEarly;
    bool json = false;
};

/// Every trial's config is made and checked. Opens the data. Throws UsageError naming the option and the value.
Sweep newSweep(const SweepArguments &arguments, std::shared_ptr<const Dataset> &dataset);

} // namespace pretext
