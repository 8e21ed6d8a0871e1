// What a device is asked for where it makes the views of a batch: bytes of images and plain numbers, which the host has drawn. What each step means is said, and
// done on the host, in core/data/augment.
#pragma once

#include <cstdint>
#include <vector>

namespace pretext {

/// What is done to the pixels of a view, which are in [0, 1] and stay there; a, b, c and d are the amounts.
enum class PixelStep : int32_t {
    host, // no device knows it: the view is made on the host
    brightness,
    contrast,
    saturation,
    hue, // these four by the factor a, or by a turns
    grey,
    blur,          // of sigma a
    solarise,      // from the brightness a on
    shuffle,       // of a x a patches
    gaussian,      // noise of the deviation a, added
    speckle,       // and multiplied
    saltAndPepper, // on the share a of the pixels
    hide,          // squares of side a, each with the probability b
    cutOut,        // the columns from a to b of the rows from c to d
    turn,          // counter-clockwise by a quarters
};

constexpr int kMostShuffled = 256; // patches, on a device

struct PixelDeed
{
    PixelStep step = PixelStep::host;
    float amounts[4] = {};
    uint64_t key = 0; // of what is random in each pixel
};

/// Where a view's pixels come from: a box of an image, stretched to the view's shape and mirrored; or, where it is turned, by an affine map of the view's
/// coordinates, source = origin + x * column + y * row.
struct Resampling
{
    int32_t x = 0, y = 0, width = 0, height = 0; // the box
    int32_t flipped = 0, turned = 0;
    float originX = 0, originY = 0, columnX = 0, columnY = 0, rowX = 0, rowY = 0;
};

struct PlannedView
{
    int64_t image = 0;             // where it begins in ViewPlan::images
    int32_t height = 0, width = 0; // of the image; 0: the view is there already, as floats in [0, 1], and four-byte aligned
    Resampling from;
    int32_t firstDeed = 0, deeds = 0; // in ViewPlan::deeds
};

struct ViewPlan
{
    std::vector<uint8_t> images; // [H, W, C] each
    std::vector<PlannedView> views;
    std::vector<PixelDeed> deeds;
    float mean[3] = {}, scale[3] = {}; // of each channel: at last a value x becomes (x - mean) * scale
};

} // namespace pretext
