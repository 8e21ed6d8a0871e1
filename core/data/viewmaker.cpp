// Batches of augmented, normalised views of images.
#include "core/data/batchmaker.h"

#include <algorithm>
#include <iterator>
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

/// Two views of each sample that lie alike: what is to be rebuilt, and what is given.
class PairMaker : public ImageMaker
{
public:
    using ImageMaker::ImageMaker;

protected:
    ViewRecord drawn(const Batch &batch, uint64_t seed, int64_t place) const
    {
        return m_augmenter.draw({seed, batch.epoch, static_cast<uint32_t>(batch.indices[place]), 0});
    }
    void put(Batch &batch, int64_t row, const Image &original, const ViewRecord &record) const
    {
        const size_t values = viewBlocks(batch).front().values();
        const std::span<float> view(batch.pixels.data() + row * values, values);
        m_augmenter.apply(original, record, view);
        normalise(view, m_dataset->info());
        batch.records[row] = record;
    }
};

class SpoilingMaker : public PairMaker
{
public:
    SpoilingMaker(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs, const std::string &augmentation)
        : PairMaker(std::move(dataset), knobs)
        , m_spoils(&augmentationType(augmentation))
    {
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const Image &original = batch.originals[place] = m_dataset->image(Split::train, batch.indices[place]);
        const ViewRecord spoiled = drawn(batch, seed, place);
        ViewRecord clean = spoiled;
        std::erase_if(clean.deeds, [this](const Deed &deed) { return deed.by == m_spoils; });
        put(batch, place, original, clean);
        put(batch, int64_t(batch.indices.size()) + place, original, spoiled);
    }

private:
    const AugmentationType *m_spoils;
};

class NextMaker : public PairMaker
{
public:
    using PairMaker::PairMaker;

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t index = batch.indices[place];
        const Image &given = batch.originals[place] = m_dataset->image(Split::train, index);
        const ViewRecord record = drawn(batch, seed, place);
        put(batch, place, m_dataset->next(Split::train, index), record);
        put(batch, int64_t(batch.indices.size()) + place, given, record);
    }
};

/// Pieces of an image, each a view.
class CuttingMaker : public ImageMaker
{
public:
    CuttingMaker(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs, DrawCuts draw) : ImageMaker(std::move(dataset), knobs), m_draw(std::move(draw))
    {
    }

    void begin(Batch &batch) const override
    {
        ImageMaker::begin(batch);
        batch.targets.resize(batch.records.size());
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size());
        const auto index = static_cast<uint32_t>(batch.indices[place]);
        const Image &original = batch.originals[place] = m_dataset->image(Split::train, batch.indices[place]);
        const ViewBlock block = viewBlocks(batch).front();
        const Augmenter augmenter(KnobSet(), block.shape); // draws nothing
        Random random(seed + kCuts, batch.epoch, index);
        const PieceCuts cuts = m_draw(random, batch.shape, block.shape);
        for (int v = 0; v < block.count; ++v) {
            ViewRecord record = m_augmenter.draw({seed, batch.epoch, index, static_cast<uint32_t>(v)});
            cut(record, cuts.corners.at(size_t(v)), batch.shape, block.shape);
            const std::span<float> view(batch.pixels.data() + (v * n + place) * block.values(), block.values());
            augmenter.apply(original, record, view);
            normalise(view, m_dataset->info());
            batch.records[v * n + place] = std::move(record);
            batch.targets[v * n + place] = cuts.target;
        }
    }

private:
    /// As a crop, in place of what else says where the view lies.
    static void cut(ViewRecord &record, const PieceCuts::Corner &corner, ImageShape image, ImageShape view)
    {
        std::erase_if(record.deeds, [](const Deed &deed) { return deed.by->place != nullptr; });
        const float height = float(image.height), width = float(image.width);
        record.add("crop", {float(corner.x) / width, float(corner.y) / height, float(view.width) / width, float(view.height) / height});
        std::rotate(record.deeds.begin(), std::prev(record.deeds.end()), record.deeds.end()); // told first
    }

    static constexpr uint64_t kCuts = 0x7065657a5f637574; // apart from the augmentations' draws
    DrawCuts m_draw;
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

std::unique_ptr<BatchMaker> makeNextMaker(const SampleSource &source, const KnobSet &knobs)
{
    return std::make_unique<NextMaker>(source.dataset, knobs);
}

std::unique_ptr<BatchMaker> makeCuttingMaker(const SampleSource &source, const KnobSet &knobs, DrawCuts draw)
{
    return std::make_unique<CuttingMaker>(source.dataset, knobs, std::move(draw));
}

} // namespace pretext
