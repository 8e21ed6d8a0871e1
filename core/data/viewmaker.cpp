// Batches of augmented, normalised views of images.
#include "core/data/batchmaker.h"

#include <span>

namespace pretext {

namespace {

void normalise(std::span<float> view, const DatasetInfo &info)
{
    const size_t channels = info.mean.size();
    for (size_t c = 0; c < channels; ++c) {
        const float mean = info.mean[c], inverse = 1 / info.deviation[c];
        for (size_t i = c; i < view.size(); i += channels)
            view[i] = (view[i] - mean) * inverse;
    }
}

class ViewMaker : public BatchMaker
{
public:
    ViewMaker(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs) : m_dataset(std::move(dataset)), m_augmenter(knobs, m_dataset->info().image)
    {
        const ImageShape shape = m_dataset->info().image;
        m_values = size_t(shape.height) * shape.width * shape.channels;
    }

    void begin(Batch &batch) const override
    {
        batch.shape = m_dataset->info().image;
        batch.pixels.resize(batch.indices.size() * batch.views * m_values);
        batch.records.resize(batch.indices.size() * batch.views);
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size()), index = batch.indices[place];
        const Image original = m_dataset->image(Split::train, index);
        for (int v = 0; v < batch.views; ++v) {
            const int64_t row = v * n + place;
            const std::span<float> view(batch.pixels.data() + row * m_values, m_values);
            batch.records[row] = m_augmenter.make(original, {seed, batch.epoch, static_cast<uint32_t>(index), static_cast<uint32_t>(v)}, view);
            normalise(view, m_dataset->info());
        }
    }

private:
    std::shared_ptr<const Dataset> m_dataset;
    Augmenter m_augmenter;
    size_t m_values = 0; // of one view
};

} // namespace

std::unique_ptr<BatchMaker> makeViewMaker(const SampleSource &source, const KnobSet &knobs)
{
    return std::make_unique<ViewMaker>(source.dataset, knobs);
}

} // namespace pretext
