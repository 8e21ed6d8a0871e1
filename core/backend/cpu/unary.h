// Activations of a row that is in the caches, for those who have just computed it.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu {

/// y = f(z) of `count` elements from `first` on. Of floats y is z before, and z, where it is defined, gets that too; where z is of bfloat16 it is
/// rounded to that first. A y of bfloat16 is made of the z that is there. Equal z give equal bits, here and in unary().
void activate(Activation kind, Tensor &y, const Tensor &z, int64_t first, int64_t count);

} // namespace pretext::cpu
