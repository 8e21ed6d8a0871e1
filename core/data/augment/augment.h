// Views: an original image becomes a view by the augmentations that are switched on, and the view says what was done to it. Randomness is
// keyed by (seed, epoch, sample, view), so a view does not depend on the number of threads and can be made again.
#pragma once

#include "core/data/augment/augmentation.h"
#include "core/data/image.h"

#include <cstdint>
#include <span>
#include <vector>

namespace pretext {

struct ViewKey
{
    uint64_t seed;
    uint32_t epoch;
    uint32_t sample;
    uint32_t view;
};

/// Throws std::invalid_argument where no view of this shape can be made of the image.
void requireViewable(const Image &original, ImageShape view);
/// Applies a record; `view` receives height x width x channels floats in [0, 1], not normalised.
void applyRecord(const Image &original, const ViewRecord &record, ImageShape shape, std::span<float> view);

/// Every augmentation with its own switch and strength; all act from the next batch on.
std::vector<Knob> augmentationKnobs(ImageShape shape);

/// Reads the knobs once. Each augmentation draws from its own stream: switching one on leaves what the others draw as it was.
class Augmenter
{
public:
    /// For views of this shape. Of augmentations that the knobs do not declare, none is made.
    Augmenter(const KnobSet &knobs, ImageShape shape);

    /// Draws the parameters only.
    ViewRecord draw(const ViewKey &key) const;
    /// applyRecord, for its shape.
    void apply(const Image &original, const ViewRecord &record, std::span<float> view) const;
    ViewRecord make(const Image &original, const ViewKey &key, std::span<float> view) const;

private:
    struct Drawing
    {
        const AugmentationType *type;
        DrawDeeds draw;
    };
    std::vector<Drawing> m_drawings; // of those switched on
    ImageShape m_shape;
};

} // namespace pretext
