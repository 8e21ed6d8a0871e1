// The steps of an augmentation on one image as float planes [C, H, W] in [0, 1]: contiguous rows, so that every loop vectorises.
// Semantics are those of torchvision on float tensors, without antialiasing.
#pragma once

#include "core/data/augment/augment.h"

namespace pretext {

struct Planes
{
    int channels = 0, height = 0, width = 0;
    float *data = nullptr;

    size_t area() const { return size_t(height) * width; }
    size_t size() const { return channels * area(); }
    float *plane(int channel) const { return data + channel * area(); }
    float *row(int channel, int y) const { return plane(channel) + size_t(y) * width; }
};

// geometry.cpp
/// Crop, flip and rotation of the original as one bilinear resampling (align_corners = false). Without rotation what lies outside
/// the crop repeats its border; with rotation the original continues there, and beyond the original all is black.
void resample(const Image &original, const ViewRecord &record, const Planes &view);

// colour.cpp
void adjustBrightness(const Planes &view, float factor);
void adjustContrast(const Planes &view, float factor);   // about the mean of the image's luma
void adjustSaturation(const Planes &view, float factor); // RGB only
void adjustHue(const Planes &view, float turns);         // RGB only, in HSV
void makeGrey(const Planes &view);                       // RGB only
void solarise(const Planes &view, float threshold);

// filter.cpp
/// Separable Gaussian of 2 ceil(3 sigma) + 1 taps (as many as the image allows), reflected at the borders.
void blur(const Planes &view, float sigma);
/// Adds noise of the given deviation, keyed, and clamps to [0, 1].
void addNoise(const Planes &view, float deviation, uint64_t key);
void cutOut(const Planes &view, const CropBox &box); // to black

} // namespace pretext
