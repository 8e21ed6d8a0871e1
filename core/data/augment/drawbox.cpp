#include "core/data/augment/drawbox.h"

#include <cmath>

namespace pretext {

std::optional<CropBox> drawBox(Random &random, ImageShape image, const BoxRange &range)
{
    const int height = image.height, width = image.width;
    for (int attempt = 0; attempt < 10; ++attempt) {
        const float area = float(height) * width * random.uniform(range.minArea, range.maxArea);
        const float ratio = std::exp(random.uniform(std::log(range.minRatio), std::log(range.maxRatio)));
        const int w = static_cast<int>(std::nearbyint(std::sqrt(area * ratio))), h = static_cast<int>(std::nearbyint(std::sqrt(area / ratio)));
        if (w < 1 || h < 1 || w > width || h > height)
            continue;
        const uint32_t y = random.below(static_cast<uint32_t>(height - h + 1)), x = random.below(static_cast<uint32_t>(width - w + 1));
        return CropBox{float(x) / width, float(y) / height, float(w) / width, float(h) / height};
    }
    return std::nullopt;
}

} // namespace pretext
