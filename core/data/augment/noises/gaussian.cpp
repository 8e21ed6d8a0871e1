// Gaussian noise: a normal number of its own is added to each value.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/imagenoise.h"
#include "core/data/augment/pixelrandom.h"
#include "core/files/said.h"

namespace pretext {

namespace {

void addGaussian(const Planes &view, float deviation, uint64_t key)
{
    const PixelRandom random(key);
    const float scale = PixelRandom::normalScale(deviation);
    const uint32_t count = static_cast<uint32_t>(view.size());
    for (uint32_t i = 0; i < count; ++i)
        view.data[i] = clamped(view.data[i] + scale * random.sum(i));
}

} // namespace

ImageNoise gaussianImageNoise()
{
    return {.name = "gaussian",
            .help = PRETEXT_SAID("adds a normal number to each value"),
            .unit = PRETEXT_SAID("the standard deviation σ of what is added, of values from 0 to 1"),
            .apply = addGaussian,
            .onDevice =
                [](float strength, uint64_t key, ImageShape) {
                    return PixelDeed{PixelStep::gaussian, {strength}, key};
                },
            .describe = [](float strength) { return told("Gaussian noise σ %.2f", strength); }};
}

} // namespace pretext
