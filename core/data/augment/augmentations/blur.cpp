// Smoothing by a Gaussian of random width, as torchvision's GaussianBlur.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/gaussianblur.h"
#include "core/files/said.h"

namespace pretext {

namespace {

constexpr double kLeastSigma = 0.1;

} // namespace

AugmentationType blurAugmentation()
{
    return {.name = "blur",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("blur", false, PRETEXT_SAID("Smooths some views: the encoder learns to rely on coarse shape, less on texture and sharp edges.")),
                    amountKnob("blur.probability", 0, 1, 0.5,
                               PRETEXT_SAID("How often a view is blurred: the more often, the less fine texture tells views apart.")),
                    amountKnob("blur.sigma", kLeastSigma, 5, 1,
                               PRETEXT_SAID("Largest width of the Gaussian in pixels (drawn from 0.1 up): the finest detail that still counts."), "σ"),
                };
            },
            .drawing = [](const KnobSet &knobs, ImageShape) -> DrawDeeds {
                return [probability = amountOf(knobs, "blur.probability"), sigma = amountOf(knobs, "blur.sigma")](Random &random, Deeds &deeds) {
                    if (random.chance(probability))
                        deeds.push_back({.amounts = {random.uniform(std::min(float(kLeastSigma), sigma), sigma)}});
                };
            },
            .apply = [](const Deed &deed, const Planes &view) { gaussianBlur(view, deed.amounts[0]); },
            .onDevice =
                [](const Deed &deed, ImageShape) {
                    return PixelDeed{PixelStep::blur, {deed.amounts[0]}};
                },
            .describe = [](const Deed &deed) { return told("blur σ %.1f", deed.amounts[0]); }};
}

} // namespace pretext
