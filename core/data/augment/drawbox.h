// Boxes drawn at random, for what takes a part of an image and for what hides one.
#pragma once

#include "core/data/augment/viewrecord.h"
#include "core/data/modality.h"
#include "core/tensor/random.h"

#include <optional>

namespace pretext {

struct BoxRange
{
    float minArea, maxArea;   // shares of the image
    float minRatio, maxRatio; // of width over height
};

/// A box of whole pixels with a share of the area drawn evenly and a log-uniform aspect ratio, in at most ten tries, as torchvision's
/// RandomResizedCrop and RandomErasing draw it; nothing where none fits.
std::optional<CropBox> drawBox(Random &random, ImageShape image, const BoxRange &range);

} // namespace pretext
