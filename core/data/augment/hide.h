// Hiding parts of an image behind its mean colour.
#pragma once

#include "core/data/augment/planes.h"

#include <cstdint>

namespace pretext {

/// Each square of `side` pixels, counted from the upper left corner, is hidden with the probability `share`: it takes the mean of each channel.
/// Which squares they are is a function of the key.
void hideSquares(const Planes &view, int side, float share, uint64_t key);

} // namespace pretext
