// Turning by any angle; the original continues beyond the crop, and beyond the original all is black.
#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

namespace pretext {

AugmentationType rotationAugmentation()
{
    return {.name = "rotation",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("rotation", false,
                               PRETEXT_SAID("Turns the view: the encoder learns to ignore orientation; harmful where orientation tells classes apart.")),
                    amountKnob("rotation.degrees", 0, 180, 15,
                               PRETEXT_SAID("Largest turn to either side: the range of orientations that the encoder learns to treat as one.")),
                };
            },
            .drawing = [](const KnobSet &knobs, ImageShape) -> DrawDeeds {
                return [most = amountOf(knobs, "rotation.degrees")](Random &random, Deeds &deeds) {
                    if (const float degrees = random.uniform(-most, most); degrees != 0)
                        deeds.push_back({.amounts = {degrees}});
                };
            },
            .place = [](const Deed &deed, Placement &placement) { placement.rotation = deed.amounts[0]; },
            .describe = [](const Deed &deed) { return told("rotated %.0f°", deed.amounts[0]); }};
}

} // namespace pretext
