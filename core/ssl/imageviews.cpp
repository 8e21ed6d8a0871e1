#include "core/ssl/imageviews.h"

#include "core/data/preparedimages.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace pretext {

namespace {

/// A view as the encoder saw it, with the normalisation undone, rounded to 8 bits.
Image viewImage(std::span<const float> pixels, ImageShape shape, const Preprocessing &normalised)
{
    Image image{shape.height, shape.width, shape.channels, std::vector<uint8_t>(pixels.size())};
    for (size_t i = 0; i < pixels.size(); ++i) {
        const size_t channel = i % shape.channels;
        const float value = pixels[i] * normalised.deviation[channel] + normalised.mean[channel];
        image.pixels[i] = static_cast<uint8_t>(std::lround(255.f * std::clamp(value, 0.f, 1.f)));
    }
    return image;
}

ImageBatch viewImages(std::span<const float> pixels, const std::vector<ViewBlock> &blocks, size_t samples, const Preprocessing &normalised)
{
    ImageBatch images;
    for (const ViewBlock &block : blocks)
        for (size_t view = 0; view < block.count * samples; ++view)
            images.push_back(viewImage(pixels.subspan(block.pixels + view * block.values(), block.values()), block.shape, normalised));
    return images;
}

Shown shownViews(const Batch &batch, const std::shared_ptr<const Prepared> &prepared)
{
    if (!batch.planned)
        return viewImages(batch.pixels, viewBlocks(batch), batch.indices.size(), preprocessingOf(*prepared));
    return Shown(batch.planned->made(),
                 [blocks = viewBlocks(batch), samples = batch.indices.size(), prepared](const std::vector<Matrix> &kinds) -> ChannelValue {
                     std::vector<float> pixels;
                     for (const Matrix &kind : kinds)
                         pixels.insert(pixels.end(), kind.values.begin(), kind.values.end());
                     return viewImages(pixels, blocks, samples, preprocessingOf(*prepared));
                 });
}

} // namespace

void offerImageViews(const Batch &batch, const std::shared_ptr<const Prepared> &prepared, Recorder &recorder)
{
    recorder.heavy("views/originals", [&batch] { return batch.originals; });
    recorder.heavy("views/pixels", [&batch, prepared] { return shownViews(batch, prepared); });
    recorder.heavy("views/records", [&batch] { return batch.records; });
}

} // namespace pretext
