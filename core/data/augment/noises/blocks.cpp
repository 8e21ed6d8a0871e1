// Masking of blocks: squares of an eighth of the view's side are hidden, as patches are of a masked autoencoder.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/hide.h"
#include "core/data/augment/imagenoise.h"
#include "core/files/said.h"

#include <cmath>

namespace pretext {

namespace {

int blockSide(int height, int width)
{
    return std::max(1, static_cast<int>(std::lround(std::min(height, width) / 8.)));
}

} // namespace

ImageNoise blocksImageNoise()
{
    return {.name = "blocks",
            .help = PRETEXT_SAID("hides squares of an eighth of the view's side, so that neighbours do not tell what is missing"),
            .unit = PRETEXT_SAID("the share of squares that is hidden"),
            .apply = [](const Planes &view, float share, uint64_t key) { hideSquares(view, blockSide(view.height, view.width), share, key); },
            .onDevice =
                [](float share, uint64_t key, ImageShape view) {
                    return PixelDeed{PixelStep::hide, {float(blockSide(view.height, view.width)), share}, key};
                },
            .describe = [](float strength) { return told("%.0f %% of the blocks masked", 100. * strength); }};
}

} // namespace pretext
