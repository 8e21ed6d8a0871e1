// Mirroring left and right.
#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

namespace pretext {

AugmentationType flipAugmentation()
{
    return {.name = "flip",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("flip", true, PRETEXT_SAID("Mirrors left and right: the encoder learns that handedness does not matter.")),
                    amountKnob("flip.probability", 0, 1, 0.5,
                               PRETEXT_SAID("How often a view is mirrored; at one half, pairs differ in handedness as often as not.")),
                };
            },
            .drawing = [](const KnobSet &knobs, ImageShape) -> DrawDeeds {
                return [probability = amountOf(knobs, "flip.probability")](Random &random, Deeds &deeds) {
                    if (random.chance(probability))
                        deeds.emplace_back();
                };
            },
            .place = [](const Deed &, Placement &placement) { placement.flipped = true; },
            .describe = [](const Deed &) { return said("flipped"); }};
}

} // namespace pretext
