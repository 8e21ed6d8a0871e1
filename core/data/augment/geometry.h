// Where the pixels of a view come from.
#pragma once

#include "core/backend/viewplan.h"
#include "core/data/augment/planes.h"
#include "core/data/augment/viewrecord.h"
#include "core/data/image.h"
#include "core/data/modality.h"

namespace pretext {

/// In pixels of an image and of a view.
Resampling resamplingOf(const Placement &placement, int imageHeight, int imageWidth, ImageShape view);

/// Crop, flip and rotation of the original as one bilinear resampling (align_corners = false). Without rotation what lies outside
/// the crop repeats its border; with rotation the original continues there, and beyond the original all is black.
void resample(const Image &original, const Placement &placement, const Planes &view);

} // namespace pretext
