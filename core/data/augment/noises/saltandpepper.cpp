// Salt and pepper: some pixels become white, as many black, in all channels.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/imagenoise.h"
#include "core/data/augment/pixelrandom.h"
#include "core/files/said.h"

namespace pretext {

namespace {

void strew(const Planes &view, float share, uint64_t key)
{
    const PixelRandom random(key);
    const float pepper = share / 2;
    const uint32_t area = static_cast<uint32_t>(view.area());
    for (int c = 0; c < view.channels; ++c) {
        float *plane = view.plane(c);
        for (uint32_t i = 0; i < area; ++i) {
            const float draw = random.uniform(i);
            plane[i] = draw < pepper ? 0 : draw < share ? 1 : plane[i];
        }
    }
}

} // namespace

ImageNoise saltAndPepperImageNoise()
{
    return {.name = "salt-and-pepper",
            .help = PRETEXT_SAID("makes pixels white or black"),
            .unit = PRETEXT_SAID("the share of pixels that is strewn, half of it white"),
            .apply = strew,
            .onDevice =
                [](float strength, uint64_t key, ImageShape) {
                    return PixelDeed{PixelStep::saltAndPepper, {strength}, key};
                },
            .describe = [](float strength) { return told("salt and pepper on %.0f %% of the pixels", 100. * strength); }};
}

} // namespace pretext
