// Smoothing by a Gaussian.
#pragma once

#include "core/data/augment/planes.h"

namespace pretext {

/// Separable Gaussian of 2 ceil(3 sigma) + 1 taps (as many as the image allows), reflected at the borders. `sigma` in pixels.
void gaussianBlur(const Planes &view, float sigma);

} // namespace pretext
