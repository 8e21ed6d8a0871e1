// Segmentation: whether features know what each pixel belongs to, by a linear probe on the features at its place.
#pragma once

#include "core/analysis/baselines.h"

namespace pretext {

struct SegmentationRow
{
    std::string features;
    int64_t dimension = 0;
    double meanIoU = 0, accuracy = 0; // mean over classes of intersection over union; share of pixels told rightly
};

/// Features and classes of some pixels of some images, [n, D].
struct PixelFeatures
{
    Matrix train, test;
    std::vector<int> trainClasses, testClasses;
};
/// Of the encoder's last map, brought to every pixel bilinearly; no rows where it has none. Evaluation mode.
PixelFeatures mapFeatures(Encoder &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress);
/// Of the colours of a pixel and its eight neighbours, which the border repeats.
PixelFeatures neighbourhoods(const Dataset &dataset);
/// Fits a linear probe. Mean over the classes that are there or guessed (Everingham et al. 2010, section 4.2).
SegmentationRow segmentation(const std::string &name, const PixelFeatures &pixels, int classes, const ShareDone &progress);

} // namespace pretext
