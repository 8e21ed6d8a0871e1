// Activations of a row that is in the caches, for those who have just computed it.
#pragma once

#include "core/backend/options.h"

#include <cstdint>

namespace pretext::cpu {

/// y = f(y), and where asked for slope = f'(y), of `count` elements.
void activate(Activation kind, float *y, float *slope, int64_t count);

} // namespace pretext::cpu
