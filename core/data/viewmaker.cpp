// Batches of augmented, normalised views of images.
#include "core/data/batchmaker.h"

#include <span>
#include <utility>
#include <vector>

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

/// Makes room for views.
class ImageMaker : public BatchMaker
{
public:
    ImageMaker(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs) : m_dataset(std::move(dataset)), m_augmenter(knobs, m_dataset->info().image) {}

    void begin(Batch &batch) const override
    {
        batch.shape = m_dataset->info().image;
        size_t values = 0;
        for (const ViewBlock &block : viewBlocks(batch))
            values += block.count * block.values();
        batch.pixels.resize(batch.indices.size() * values);
        batch.records.resize(batch.indices.size() * batch.views);
        batch.originals.resize(batch.indices.size());
    }

protected:
    std::shared_ptr<const Dataset> m_dataset;
    Augmenter m_augmenter; // of views as large as the images
};

class ViewMaker : public ImageMaker
{
public:
    ViewMaker(const SampleSource &source, const KnobSet &knobs) : ImageMaker(source.dataset, knobs)
    {
        const ImageShape whole = m_dataset->info().image;
        for (const ViewKind &kind : source.kinds)
            m_kinds.push_back({Augmenter(knobsFor(kind, knobs), whole), Augmenter(KnobSet(), shapeOf(kind, whole))});
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size()), index = batch.indices[place];
        const Image &original = batch.originals[place] = m_dataset->image(Split::train, index);
        size_t kind = 0;
        for (const ViewBlock &block : viewBlocks(batch)) {
            const Kind &how = m_kinds.at(kind++);
            for (int v = 0; v < block.count; ++v) {
                const ViewKey key{seed, batch.epoch, static_cast<uint32_t>(index), static_cast<uint32_t>(block.first + v)};
                ViewRecord record = how.draws.draw(key);
                const std::span<float> view(batch.pixels.data() + block.pixels + (v * n + place) * block.values(), block.values());
                how.applies.apply(original, record, view);
                normalise(view, m_dataset->info());
                batch.records[key.view * n + place] = std::move(record);
            }
        }
    }

private:
    struct Kind
    {
        Augmenter draws;   // of the original's pixels, however large the view is
        Augmenter applies; // draws nothing
    };

    static KnobSet knobsFor(const ViewKind &kind, KnobSet knobs)
    {
        for (const auto &[name, value] : kind.knobs)
            if (knobs.find(name))
                knobs.set(name, value);
        return knobs;
    }

    std::vector<Kind> m_kinds;
};

class SpoilingMaker : public ImageMaker
{
public:
    SpoilingMaker(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs, const std::string &augmentation)
        : ImageMaker(std::move(dataset), knobs)
        , m_spoils(&augmentationType(augmentation))
    {
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size()), index = batch.indices[place];
        const Image &original = batch.originals[place] = m_dataset->image(Split::train, index);
        const ViewRecord spoiled = m_augmenter.draw({seed, batch.epoch, static_cast<uint32_t>(index), 0});
        ViewRecord clean = spoiled;
        std::erase_if(clean.deeds, [this](const Deed &deed) { return deed.by == m_spoils; });
        const size_t values = viewBlocks(batch).front().values();
        for (const auto &[row, record] : {std::pair<int64_t, const ViewRecord *>(place, &clean), {n + place, &spoiled}}) {
            const std::span<float> view(batch.pixels.data() + row * values, values);
            m_augmenter.apply(original, *record, view);
            normalise(view, m_dataset->info());
            batch.records[row] = *record;
        }
    }

private:
    const AugmentationType *m_spoils;
};

} // namespace

std::unique_ptr<BatchMaker> makeViewMaker(const SampleSource &source, const KnobSet &knobs)
{
    return std::make_unique<ViewMaker>(source, knobs);
}

std::unique_ptr<BatchMaker> makeSpoilingMaker(const SampleSource &source, const KnobSet &knobs, const std::string &augmentation)
{
    return std::make_unique<SpoilingMaker>(source.dataset, knobs, augmentation);
}

} // namespace pretext
