// The parameters of a view, drawn as torchvision draws them.
#include "core/data/augment/augment.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

enum class Stream : uint64_t { crop = 1, flip, rotation, jitter, grey, blur, noise, cutout, solarise };

Random streamOf(const ViewKey &key, Stream stream)
{
    return Random(key.seed + static_cast<uint64_t>(stream) * 0x9e3779b97f4a7c15ull, key.epoch, key.sample, key.view);
}

/// A box of whole pixels with a share of the area drawn evenly and a log-uniform aspect ratio, in at most ten tries; null when none fits.
bool drawBox(Random &random, int height, int width, float minArea, float maxArea, float minRatio, float maxRatio, CropBox &box)
{
    for (int attempt = 0; attempt < 10; ++attempt) {
        const float area = float(height) * width * random.uniform(minArea, maxArea);
        const float ratio = std::exp(random.uniform(std::log(minRatio), std::log(maxRatio)));
        const int w = static_cast<int>(std::nearbyint(std::sqrt(area * ratio))), h = static_cast<int>(std::nearbyint(std::sqrt(area / ratio)));
        if (w < 1 || h < 1 || w > width || h > height)
            continue;
        const uint32_t y = random.below(static_cast<uint32_t>(height - h + 1)), x = random.below(static_cast<uint32_t>(width - w + 1));
        box = {float(x) / width, float(y) / height, float(w) / width, float(h) / height};
        return true;
    }
    return false;
}

/// The largest central box within the aspect ratios: RandomResizedCrop's last resort.
CropBox centralBox(int height, int width, float ratio)
{
    const float own = float(width) / height;
    const int w = own > ratio ? static_cast<int>(std::nearbyint(height * ratio)) : width;
    const int h = own < 1 / ratio ? static_cast<int>(std::nearbyint(width * ratio)) : height;
    return {float((width - w) / 2) / width, float((height - h) / 2) / height, float(w) / width, float(h) / height};
}

void drawJitter(Random random, const AugmentationSettings &s, bool colour, ViewRecord &record)
{
    if (!random.chance(s.jitter))
        return;
    record.jitterOrder = {0, 1, 2, 3};
    for (uint32_t i = 3; i > 0; --i)
        std::swap(record.jitterOrder[i], record.jitterOrder[random.below(i + 1)]);
    const auto factor = [&](float strength) { return random.uniform(std::max(0.f, 1 - strength), 1 + strength); };
    const float factors[] = {factor(s.brightness), factor(s.contrast), factor(s.saturation), random.uniform(-s.hue, s.hue)};
    const bool used[] = {s.brightness > 0, s.contrast > 0, colour && s.saturation > 0, colour && s.hue > 0};
    std::erase_if(record.jitterOrder, [&](uint8_t step) { return !used[step]; });
    float *fields[] = {&record.brightness, &record.contrast, &record.saturation, &record.hue};
    for (uint8_t step : record.jitterOrder)
        *fields[step] = factors[step];
}

} // namespace

ViewRecord Augmenter::draw(const ViewKey &key) const
{
    const AugmentationSettings &s = m_settings;
    const auto stream = [&](Stream which) { return streamOf(key, which); };
    ViewRecord record;
    if (s.crop) {
        Random random = stream(Stream::crop);
        if (!drawBox(random, m_shape.height, m_shape.width, s.minArea, 1, 1 / s.ratio, s.ratio, record.crop))
            record.crop = centralBox(m_shape.height, m_shape.width, s.ratio);
    }
    if (s.flip > 0)
        record.flipped = stream(Stream::flip).chance(s.flip);
    if (s.rotation > 0)
        record.rotation = stream(Stream::rotation).uniform(-s.rotation, s.rotation);
    if (s.jitter > 0)
        drawJitter(stream(Stream::jitter), s, m_shape.channels == 3, record);
    if (s.grey > 0 && m_shape.channels == 3)
        record.grey = stream(Stream::grey).chance(s.grey);
    if (Random random = stream(Stream::blur); s.blur > 0 && random.chance(s.blur))
        record.blurSigma = random.uniform(std::min(0.1f, s.blurSigma), s.blurSigma);
    if (Random random = stream(Stream::noise); s.noise > 0) {
        record.noise = random.uniform(0, s.noise);
        record.noiseKey = uint64_t(random.bits()) << 32;
        record.noiseKey |= random.bits();
    }
    if (Random random = stream(Stream::cutout); s.cutout > 0 && random.chance(s.cutout))
        drawBox(random, m_shape.height, m_shape.width, std::min(0.02f, s.cutoutArea), s.cutoutArea, 0.3f, 3.3f, record.cutout);
    if (s.solarise > 0 && stream(Stream::solarise).chance(s.solarise))
        record.solarise = s.solariseThreshold;
    return record;
}

} // namespace pretext
