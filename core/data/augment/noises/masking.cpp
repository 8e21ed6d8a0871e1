// Masking of single pixels: each hidden one takes the view's mean colour (Vincent et al. 2008 put zero, the mean of what they trained on).
#include "core/data/augment/augmentation.h"
#include "core/data/augment/hide.h"
#include "core/data/augment/imagenoise.h"
#include "core/files/said.h"

namespace pretext {

ImageNoise maskingImageNoise()
{
    return {.name = "masking",
            .help = PRETEXT_SAID("hides single pixels behind the view's mean colour"),
            .unit = PRETEXT_SAID("the share of pixels that is hidden"),
            .apply = [](const Planes &view, float share, uint64_t key) { hideSquares(view, 1, share, key); },
            .onDevice =
                [](float share, uint64_t key, ImageShape) {
                    return PixelDeed{PixelStep::hide, {1, share}, key};
                },
            .describe = [](float strength) { return told("%.0f %% of the pixels masked", 100. * strength); }};
}

} // namespace pretext
