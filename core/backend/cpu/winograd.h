// Convolutions of 3 x 3 at stride one by a quarter of the multiplications: Winograd's F(4 x 4, 3 x 3) (Lavin and Gray 2016, "Fast algorithms for
// convolutional neural networks"). A tile of 4 x 4 outputs and the 6 x 6 inputs under it are polynomials' values at 6 x 6 points; there a
// convolution is 36 products of matrices, tiles x channels by channels x filters. The points are 0, +-1/sqrt 2, +-sqrt 2 and infinity: with
// them the result is as near to the exact one as 2e-6 of the largest, where 0, +-1, +-2 and infinity leave 8e-6; see docs/performance.md.
// Images of bfloat16 are counted in floats all the same, and where fewer products come of it by F(7 x 7, 3 x 3), less exact but far beyond theirs.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu::winograd {

/// Whether it takes this convolution, w [K, R, R, C]; the same answer for all three of its passes.
bool suits(const Shape &w, const Conv2dOptions &options);

void forward(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y);
void backwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx);
void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw);

} // namespace pretext::cpu::winograd
