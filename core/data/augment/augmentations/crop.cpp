// A random part of the image, resized to the whole view (Szegedy et al. 2015), drawn as torchvision's RandomResizedCrop draws it.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/drawbox.h"
#include "core/files/said.h"

#include <cmath>

namespace pretext {

namespace {

/// The largest central box within the aspect ratios: RandomResizedCrop's last resort.
CropBox centralBox(ImageShape image, float ratio)
{
    const int height = image.height, width = image.width;
    const float own = float(width) / height;
    const int w = own > ratio ? static_cast<int>(std::nearbyint(height * ratio)) : width;
    const int h = own < 1 / ratio ? static_cast<int>(std::nearbyint(width * ratio)) : height;
    return {float((width - w) / 2) / width, float((height - h) / 2) / height, float(w) / width, float(h) / height};
}

Knob leastAreaKnob()
{
    Knob knob = amountKnob("crop.min_area", 0.05, 1, 0.3,
                           PRETEXT_SAID("Smallest share of the image that a crop keeps: small crops force the encoder to infer the whole from details; too "
                                        "small and pairs share nothing."));
    knob.rules = {{KnobRule::notAbove, "crop.max_area"}};
    return knob;
}

std::vector<Knob> cropKnobs(ImageShape)
{
    return {
        switchKnob(
            "crop", true,
            PRETEXT_SAID("Cuts a random box and resizes it: the encoder learns that a part and the whole belong together; the strongest single augmentation.")),
        leastAreaKnob(),
        amountKnob("crop.max_area", 0.05, 1, 1,
                   PRETEXT_SAID("Largest share of the image that a crop keeps: below 1 the encoder never sees a sample whole, and lives by details.")),
        amountKnob("crop.ratio", 1, 3, 4. / 3,
                   PRETEXT_SAID("Largest aspect ratio of a crop (the smallest is its inverse): stretching teaches the encoder to ignore proportions.")),
    };
}

DrawDeeds drawingCrop(const KnobSet &knobs, ImageShape shape)
{
    const float ratio = amountOf(knobs, "crop.ratio");
    return
        [shape, ratio, range = BoxRange{amountOf(knobs, "crop.min_area"), amountOf(knobs, "crop.max_area"), 1 / ratio, ratio}](Random &random, Deeds &deeds) {
            const CropBox box = drawBox(random, shape, range).value_or(centralBox(shape, ratio));
            if (box.width < 1 || box.height < 1)
                deeds.push_back({.amounts = {box.x, box.y, box.width, box.height}});
        };
}

} // namespace

AugmentationType cropAugmentation()
{
    return {.name = "crop",
            .knobs = cropKnobs,
            .drawing = drawingCrop,
            .place =
                [](const Deed &deed, Placement &placement) {
                    placement.crop = {deed.amounts[0], deed.amounts[1], deed.amounts[2], deed.amounts[3]};
                },
            .describe = [](const Deed &deed) { return told("crop %.0f %%", 100. * deed.amounts[2] * deed.amounts[3]); }};
}

} // namespace pretext
