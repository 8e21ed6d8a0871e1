// Speckle: noise that is multiplied, so that bright pixels are disturbed more than dark ones, as in radar and ultrasound. x becomes x + x n.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/imagenoise.h"
#include "core/data/augment/pixelrandom.h"
#include "core/files/said.h"

namespace pretext {

namespace {

void multiplySpeckle(const Planes &view, float deviation, uint64_t key)
{
    const PixelRandom random(key);
    const float scale = PixelRandom::normalScale(deviation);
    const uint32_t count = static_cast<uint32_t>(view.size());
    for (uint32_t i = 0; i < count; ++i)
        view.data[i] = clamped(view.data[i] + view.data[i] * (scale * random.sum(i)));
}

} // namespace

ImageNoise speckleImageNoise()
{
    return {.name = "speckle",
            .help = PRETEXT_SAID("multiplies each value by a normal number about 1, so that black stays black"),
            .unit = PRETEXT_SAID("the standard deviation σ of the factor"),
            .apply = multiplySpeckle,
            .onDevice =
                [](float strength, uint64_t key, ImageShape) {
                    return PixelDeed{PixelStep::speckle, {strength}, key};
                },
            .describe = [](float strength) { return told("speckle σ %.2f", strength); }};
}

} // namespace pretext
