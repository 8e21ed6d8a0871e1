#include "core/engine/steprecord.h"

#include "core/data/tokens/tokenizedtext.h"
#include "core/ssl/tokenviews.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace pretext {

namespace {

/// A view as the encoder saw it, with the normalisation undone, rounded to 8 bits.
Image viewImage(std::span<const float> pixels, ImageShape shape, const DatasetInfo &info)
{
    Image image{shape.height, shape.width, shape.channels, std::vector<uint8_t>(pixels.size())};
    for (size_t i = 0; i < pixels.size(); ++i) {
        const size_t channel = i % shape.channels;
        const float value = pixels[i] * info.deviation[channel] + info.mean[channel];
        image.pixels[i] = static_cast<uint8_t>(std::lround(255.f * std::clamp(value, 0.f, 1.f)));
    }
    return image;
}

ImageBatch viewImages(const Batch &batch, const DatasetInfo &info)
{
    ImageBatch images;
    images.reserve(batch.records.size());
    for (const ViewBlock &block : viewBlocks(batch))
        for (size_t view = 0; view < block.count * batch.indices.size(); ++view)
            images.push_back(viewImage(std::span(batch.pixels).subspan(block.pixels + view * block.values(), block.values()), block.shape, info));
    return images;
}

} // namespace

void StepRecord::begin(const Batch &batch, std::shared_ptr<const Dataset> dataset, std::shared_ptr<const TokenizedText> text)
{
    clear();
    m_batch = &batch;
    m_dataset = std::move(dataset);
    m_text = std::move(text);
    if (m_text) {
        // Views are compared with each other, so none is left out.
        const int64_t limit = m_batch->views > 1 ? std::numeric_limits<int64_t>::max() : kRowsShown;
        heavy("tokens/rows", [this, limit] { return viewRows(*m_batch, *m_dataset, m_text->tokenizer(), limit); });
        return;
    }
    heavy("views/originals", [this] { return m_batch->originals; });
    heavy("views/pixels", [this] { return viewImages(*m_batch, m_dataset->info()); });
    heavy("views/records", [this] { return m_batch->records; });
}

void StepRecord::clear()
{
    m_batch = nullptr;
    m_scalars.clear();
    m_offers.clear();
}

SnapshotPtr StepRecord::snapshot(int64_t step, uint64_t seed, const KnobSet &knobs, const Wanted &wanted) const
{
    if (!m_batch)
        return nullptr;
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->step = step;
    snapshot->seed = seed;
    snapshot->modality = m_text ? Modality::text : Modality::image;
    snapshot->tokenizer = m_text ? m_text->sharedTokenizer() : nullptr;
    snapshot->epoch = m_batch->epoch;
    snapshot->indices = m_batch->indices;
    snapshot->views = m_batch->views;
    snapshot->labels.assign(m_batch->labels.begin(), m_batch->labels.end());
    snapshot->knobs = knobs.values();
    snapshot->scalars.insert(m_scalars.begin(), m_scalars.end());
    for (const auto &[channel, make] : m_offers) {
        snapshot->offered.insert(channel);
        if (wanted.wants(channel))
            snapshot->channels.emplace(channel, make());
    }
    return snapshot;
}

} // namespace pretext
