// Which patches of an image are hidden from an encoder: by chance, as one block, or all but a regular grid (He et al. 2022, "Masked autoencoders
// are scalable vision learners", figure 6). N images, T patches, K of them kept, M = T - K hidden.
#pragma once

#include "core/nn/patchencoder.h"
#include "core/tensor/random.h"

#include <string>
#include <vector>

namespace pretext {

enum class MaskShape : uint8_t { random, block, grid };
const std::vector<std::string> &maskShapes(); // their names, in order
MaskShape maskShapeNamed(const std::string &name);

/// M: the share `ratio` of T, rounded, but of at least two patches one is kept and one hidden.
int hiddenCount(const PatchGrid &grid, double ratio);
/// The K patches of one image that are kept, in the grid's order.
std::vector<int32_t> drawKept(MaskShape shape, const PatchGrid &grid, double ratio, Random &random);

} // namespace pretext
