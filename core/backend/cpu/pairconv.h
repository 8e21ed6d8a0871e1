// The weight's gradient of convolutions of bfloat16, by pairs of pixels: oneDNN's for images in NHWC reaches a fifth to a half of the peak where
// strides are two. For each tap it is a product, x's channels under the tap by dy's filters, summed over pixels, of which two are multiplied
// at once.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu::pairs {

/// Whether it takes this convolution, w [K, R, R, C], of the same stride and padding along rows and columns.
bool suits(const Shape &w);

/// x and dy of bf16, dw of f32.
void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw);

} // namespace pretext::cpu::pairs
