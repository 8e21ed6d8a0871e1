// The dropout masks: Philox 4x32-10 (as in tensor/random.h) over eight counters at a time. One block of 128 bits decides on eight
// neighbouring elements, sixteen bits each, so a rate is met to within 2^-17.
#pragma once

#include "core/backend/options.h"

namespace pretext::cpu {

constexpr int64_t kDropoutBlock = 8; // elements that share a block; runs of elements begin at multiples of it

/// For elements first, first + 1, ... of the place that the key names: 0 where dropped, else 1 / (1 - rate).
void keepFactors(const DropoutOptions &options, int64_t first, int64_t count, float *factors);

} // namespace pretext::cpu
