// Whether a step's batch fits into the memory that is free, before it is tried: what small steps take is measured, and laid out to the batch. A
// batch that cannot fit would otherwise take the machine's memory until the system ends the program without a word.
#pragma once

#include "core/system/controlgroup.h"

#include <cstdint>
#include <functional>

namespace pretext {

/// Throws std::runtime_error that names the batch, what it needs, what is free and the largest batch that fits. `bytesOfStep` takes a step of so many
/// samples and says the most that it held; it is asked of small steps only, and of one where that alone shows that there is plenty.
void requireThatItFits(int64_t batch, const FreeMemory &free, const std::function<double(int64_t)> &bytesOfStep);

} // namespace pretext
