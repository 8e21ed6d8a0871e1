// Arithmetic on tensors off the tape: norms, and averages over time.
#pragma once

#include "core/tensor/tensor.h"

#include <span>

namespace pretext {

/// The sum of squares of each tensor, -> [count], in one operation: the norm of a gradient in many parts costs one copy to the host. Throws
/// std::invalid_argument where there is no tensor, or one is undefined, not of 32-bit floats, or on another device than the first.
Tensor sumSquares(std::span<const Tensor> tensors);

/// Moves y towards x by a share of the way, y += factor (x - y): with 1 it becomes x. An exponential moving average of momentum m is made by
/// 1 - m. Throws std::invalid_argument where shapes differ, or either is undefined, not of 32-bit floats, or on the other's device.
void lerp(const Tensor &x, float factor, Tensor &y);

} // namespace pretext
