// Activations of a row that is in the caches, for those who have just computed it.
#pragma once

#include "core/backend/options.h"

#include <cstdint>

namespace pretext::cpu {

/// y = f(x) of `count` elements; y may be x. Equal x give equal bits, wherever they stand.
void activate(Activation kind, const float *x, float *y, int64_t count);

} // namespace pretext::cpu
