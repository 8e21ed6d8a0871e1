// Activations of a row that is in the caches, for those who have just computed it.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu {

/// y = f(z) of `count` elements, where y is z before. z's elements from `first` on get them too, where z is defined; where it is of bfloat16 they
/// are rounded to that first. Equal z give equal bits, here and in activation().
void activate(Activation kind, float *y, int64_t count, const Tensor &z, int64_t first);

} // namespace pretext::cpu
