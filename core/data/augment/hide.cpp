#include "core/data/augment/hide.h"

#include "core/data/augment/pixelrandom.h"

namespace pretext {

void hideSquares(const Planes &view, int side, float share, uint64_t key)
{
    const PixelRandom random(key);
    const int across = (view.width + side - 1) / side;
    for (int c = 0; c < view.channels; ++c) {
        const float mean = planeSum(view.plane(c), view.area()) / float(view.area());
        for (int y = 0; y < view.height; ++y) {
            float *row = view.row(c, y);
            for (int x = 0; x < view.width; ++x)
                if (random.uniform(static_cast<uint32_t>(y / side * across + x / side)) < share)
                    row[x] = mean;
        }
    }
}

} // namespace pretext
