// Blur as noise: every view loses its fine detail, by a Gaussian whose width grows with the view.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/gaussianblur.h"
#include "core/data/augment/imagenoise.h"
#include "core/files/said.h"

namespace pretext {

ImageNoise blurImageNoise()
{
    return {.name = "blur",
            .help = PRETEXT_SAID("smooths by a Gaussian"),
            .unit = PRETEXT_SAID("its width σ as a share of the view's shorter side"),
            .apply = [](const Planes &view, float share, uint64_t) { gaussianBlur(view, share * std::min(view.height, view.width)); },
            .onDevice =
                [](float share, uint64_t, ImageShape view) {
                    return PixelDeed{PixelStep::blur, {share * std::min(view.height, view.width)}};
                },
            .describe = [](float strength) { return told("blurred by σ %.1f %% of the side", 100. * strength); }};
}

} // namespace pretext
