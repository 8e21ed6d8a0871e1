// Loss of colour.
#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

namespace pretext {

namespace {

void makeGrey(const Deed &, const Planes &view)
{
    if (view.channels != 3)
        return;
    float *r = view.plane(0), *g = view.plane(1), *b = view.plane(2);
    for (size_t i = 0; i < view.area(); ++i)
        r[i] = g[i] = b[i] = luma(r[i], g[i], b[i]);
}

} // namespace

AugmentationType greyAugmentation()
{
    return {.name = "grey",
            .knobs = [](ImageShape shape) -> std::vector<Knob> {
                if (shape.channels != 3)
                    return {};
                return {
                    switchKnob("grey", false,
                               PRETEXT_SAID("Drops the colour of some views: the encoder must rely on shape, since colour is not always there to match.")),
                    amountKnob("grey.probability", 0, 1, 0.2, PRETEXT_SAID("How often a view loses its colour; at one, colour is never learned.")),
                };
            },
            .drawing = [](const KnobSet &knobs, ImageShape) -> DrawDeeds {
                return [probability = amountOf(knobs, "grey.probability")](Random &random, Deeds &deeds) {
                    if (random.chance(probability))
                        deeds.emplace_back();
                };
            },
            .apply = makeGrey,
            .onDevice = [](const Deed &, ImageShape) { return PixelDeed{PixelStep::grey}; },
            .describe = [](const Deed &) { return said("grey"); }};
}

} // namespace pretext
