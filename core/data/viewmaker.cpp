// Batches of augmented, normalised views of images.
#include "core/data/batchmaker.h"

#include "core/backend/backend.h"

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

/// Turns [H, W, C] counter-clockwise by so many quarters.
void turnPixels(std::span<float> view, ImageShape shape, int quarters)
{
    const std::vector<float> before(view.begin(), view.end());
    const int h = shape.height, w = shape.width, c = shape.channels;
    for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x) {
            const int fromY = quarters == 1 ? x : quarters == 2 ? h - 1 - y : h - 1 - x, fromX = quarters == 1 ? w - 1 - y : quarters == 2 ? w - 1 - x : y;
            std::copy_n(&before[size_t(fromY * w + fromX) * c], c, &view[size_t(y * w + x) * c]);
        }
}

/// Makes room for views, and makes them of their records, or plans them.
class ImageMaker : public BatchMaker
{
public:
    ImageMaker(const SampleSource &source, const KnobSet &knobs)
        : m_dataset(source.dataset)
        , m_augmenter(knobs, m_dataset->info().image)
        , m_device(source.device)
        , m_plans(backend(m_device).makeViews != nullptr)
    {
    }

    void begin(Batch &batch) const override
    {
        batch.shape = m_dataset->info().image;
        const int64_t n = int64_t(batch.indices.size());
        std::vector<Shape> kinds;
        size_t values = 0;
        for (const ViewBlock &block : viewBlocks(batch)) {
            kinds.push_back({block.count * n, block.shape.height, block.shape.width, block.shape.channels});
            values += size_t(kinds.back().size());
        }
        batch.pixels.resize(m_plans ? 0 : values);
        batch.records.resize(batch.indices.size() * batch.views);
        batch.originals.resize(batch.indices.size());
        if (!m_plans)
            batch.planned = nullptr;
        else if (!batch.planned || batch.planned->device() != m_device)
            batch.planned = std::make_shared<PlannedViews>(m_device);
        if (m_plans)
            batch.planned->begin(std::move(kinds), m_dataset->info());
    }

protected:
    /// An image that views are made of, and where it lies in the plan.
    struct Given
    {
        const Image &image;
        int64_t at;
    };
    static Given give(Batch &batch, const Image &image) { return {image, batch.planned ? batch.planned->addImage(image) : 0}; }

    /// Makes, or plans, the view of a block that is `row` among all views of the batch.
    void put(Batch &batch, const ViewBlock &block, int64_t row, const Given &given, ViewRecord record) const
    {
        if (batch.planned) {
            batch.planned->add(row, given.image, given.at, record, block.shape);
        } else {
            const int64_t inBlock = row - block.first * int64_t(batch.indices.size());
            const std::span<float> view(batch.pixels.data() + block.pixels + inBlock * block.values(), block.values());
            applyRecord(given.image, record, block.shape, view);
            normalise(view, m_dataset->info());
        }
        batch.records[row] = std::move(record);
    }

    std::shared_ptr<const Dataset> m_dataset;
    Augmenter m_augmenter; // of views as large as the images

private:
    Device m_device;
    bool m_plans; // since the device makes views itself
};

class ViewMaker : public ImageMaker
{
public:
    ViewMaker(const SampleSource &source, const KnobSet &knobs) : ImageMaker(source, knobs)
    {
        for (const ViewKind &kind : source.kinds)
            m_draws.emplace_back(knobsFor(kind, knobs), m_dataset->info().image);
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size()), index = batch.indices[place];
        const Given given = give(batch, batch.originals[place] = m_dataset->image(Split::train, index));
        size_t kind = 0;
        for (const ViewBlock &block : viewBlocks(batch)) {
            const Augmenter &draws = m_draws.at(kind++);
            for (int view = block.first; view < block.first + block.count; ++view)
                put(batch, block, view * n + place, given, draws.draw({seed, batch.epoch, static_cast<uint32_t>(index), static_cast<uint32_t>(view)}));
        }
    }

private:
    static KnobSet knobsFor(const ViewKind &kind, KnobSet knobs)
    {
        for (const auto &[name, value] : kind.knobs)
            if (knobs.find(name))
                knobs.set(name, value);
        return knobs;
    }

    std::vector<Augmenter> m_draws; // for each kind, of the original's pixels, however large its views are
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
    void put(Batch &batch, int64_t row, const Given &given, const ViewRecord &record) const
    {
        ImageMaker::put(batch, viewBlocks(batch).front(), row, given, record);
    }
};

class SpoilingMaker : public PairMaker
{
public:
    SpoilingMaker(const SampleSource &source, const KnobSet &knobs, const std::string &augmentation)
        : PairMaker(source, knobs)
        , m_spoils(&augmentationType(augmentation))
    {
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const Given original = give(batch, batch.originals[place] = m_dataset->image(Split::train, batch.indices[place]));
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
        const Image next = m_dataset->next(Split::train, index);
        const ViewRecord record = drawn(batch, seed, place);
        put(batch, place, give(batch, next), record);
        put(batch, int64_t(batch.indices.size()) + place, give(batch, batch.originals[place] = m_dataset->image(Split::train, index)), record);
    }
};

/// Pieces of an image, each a view.
class CuttingMaker : public ImageMaker
{
public:
    CuttingMaker(const SampleSource &source, const KnobSet &knobs, DrawCuts draw) : ImageMaker(source, knobs), m_draw(std::move(draw)) {}

    void begin(Batch &batch) const override
    {
        ImageMaker::begin(batch);
        batch.targets.resize(batch.records.size());
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = static_cast<int64_t>(batch.indices.size());
        const auto index = static_cast<uint32_t>(batch.indices[place]);
        const Given original = give(batch, batch.originals[place] = m_dataset->image(Split::train, batch.indices[place]));
        const ViewBlock block = viewBlocks(batch).front();
        Random random(seed + kCuts, batch.epoch, index);
        const PieceCuts cuts = m_draw(random, batch.shape, block.shape);
        for (int v = 0; v < block.count; ++v) {
            ViewRecord record = m_augmenter.draw({seed, batch.epoch, index, static_cast<uint32_t>(v)});
            cut(record, cuts.corners.at(size_t(v)), batch.shape, block.shape);
            put(batch, block, v * n + place, original, std::move(record));
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

void turnView(Batch &batch, int64_t place, int quarters)
{
    if (batch.planned)
        return batch.planned->turn(place, quarters);
    const size_t values = viewBlocks(batch).front().values();
    turnPixels(std::span(batch.pixels).subspan(place * values, values), batch.shape, quarters);
}

std::unique_ptr<BatchMaker> makeSpoilingMaker(const SampleSource &source, const KnobSet &knobs, const std::string &augmentation)
{
    return std::make_unique<SpoilingMaker>(source, knobs, augmentation);
}

std::unique_ptr<BatchMaker> makeNextMaker(const SampleSource &source, const KnobSet &knobs)
{
    return std::make_unique<NextMaker>(source, knobs);
}

std::unique_ptr<BatchMaker> makeCuttingMaker(const SampleSource &source, const KnobSet &knobs, DrawCuts draw)
{
    return std::make_unique<CuttingMaker>(source, knobs, std::move(draw));
}

} // namespace pretext
