// Augmentations: an original image becomes a view, and the view says what was done to it. Randomness is keyed by (seed, epoch,
// sample, view), so a view does not depend on the number of threads and can be made again.
#pragma once

#include "core/data/image.h"
#include "core/data/modality.h"
#include "core/knobs/knob.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pretext {

struct CropBox
{
    float x = 0, y = 0, width = 1, height = 1;
}; // as shares of the original's extents

/// What was done to one view, with the parameters drawn: enough to make it again. An augmentation that was not applied is at its identity.
struct ViewRecord
{
    CropBox crop; // whole pixels of the original
    bool flipped = false;
    float rotation = 0;                                          // degrees, counter-clockwise
    float brightness = 1, contrast = 1, saturation = 1, hue = 0; // factors, and a shift in turns
    std::vector<uint8_t> jitterOrder;                            // of those applied: 0 brightness, 1 contrast, 2 saturation, 3 hue
    bool grey = false;
    float blurSigma = 0; // pixels
    float noise = 0;     // standard deviation, of pixels in [0, 1]
    uint64_t noiseKey = 0;
    CropBox cutout{0, 0, 0, 0}; // of the view
    float solarise = 2;         // threshold in [0, 1]; above 1: not applied

    std::string describe() const; // "crop 62 %, flipped, rotated 8°, brightness ×1.3", or "nothing"
};

struct ViewKey
{
    uint64_t seed;
    uint32_t epoch;
    uint32_t sample;
    uint32_t view;
};

/// Every augmentation with its own switch and strength; all act from the next batch on.
std::vector<Knob> augmentationKnobs(ImageShape shape);

/// The knobs' values, read once. An augmentation that is switched off, or that its knobs do not declare, is at its identity.
struct AugmentationSettings
{
    bool crop = false;
    float minArea = 1, ratio = 1;
    float flip = 0;     // a probability, as are jitter, grey, blur, cutout and solarise
    float rotation = 0; // degrees
    float jitter = 0, brightness = 0, contrast = 0, saturation = 0, hue = 0;
    float grey = 0;
    float blur = 0, blurSigma = 0;
    float noise = 0;
    float cutout = 0, cutoutArea = 0;
    float solarise = 0, solariseThreshold = 1;

    static AugmentationSettings of(const KnobSet &knobs);
};

/// Crop, flip and rotation are one bilinear resampling of the original; then follow colour jitter, grey, blur, solarise, noise and
/// cut-out. Each augmentation draws from its own stream: switching one on leaves what the others draw as it was.
class Augmenter
{
public:
    Augmenter(const KnobSet &knobs, ImageShape shape); // the view's shape

    /// Draws the parameters only.
    ViewRecord draw(const ViewKey &key) const;
    /// Applies a record; `view` receives height x width x channels floats in [0, 1], not normalised.
    void apply(const Image &original, const ViewRecord &record, std::span<float> view) const;
    ViewRecord make(const Image &original, const ViewKey &key, std::span<float> view) const;

private:
    AugmentationSettings m_settings;
    ImageShape m_shape;
};

} // namespace pretext
