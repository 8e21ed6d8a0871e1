// Solarisation: bright pixels are inverted, as in a photograph that saw light while it was developed.
#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

namespace pretext {

namespace {

void solarise(const Deed &deed, const Planes &view)
{
    const float threshold = deed.amounts[0];
    for (size_t i = 0; i < view.size(); ++i) {
        const float value = view.data[i];
        view.data[i] = value >= threshold ? 1 - value : value;
    }
}

} // namespace

AugmentationType solariseAugmentation()
{
    return {.name = "solarise",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("solarise", false,
                               PRETEXT_SAID("Inverts bright pixels of some views: the encoder learns outlines rather than which side of an edge is bright.")),
                    amountKnob("solarise.probability", 0, 1, 0.2,
                               PRETEXT_SAID("How often a view is solarised: the more often, the less brightness tells views apart.")),
                    amountKnob("solarise.threshold", 0, 1, 0.5, PRETEXT_SAID("Pixels at least this bright are inverted; at 0 the view becomes its negative.")),
                };
            },
            .drawing = [](const KnobSet &knobs, ImageShape) -> DrawDeeds {
                return
                    [probability = amountOf(knobs, "solarise.probability"), threshold = amountOf(knobs, "solarise.threshold")](Random &random, Deeds &deeds) {
                        if (random.chance(probability))
                            deeds.push_back({.amounts = {threshold}});
                    };
            },
            .apply = solarise,
            .onDevice =
                [](const Deed &deed, ImageShape) {
                    return PixelDeed{PixelStep::solarise, {deed.amounts[0]}};
                },
            .describe = [](const Deed &deed) { return told("solarised above %.2f", deed.amounts[0]); }};
}

} // namespace pretext
