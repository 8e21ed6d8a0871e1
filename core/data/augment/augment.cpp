#include "core/data/augment/augment.h"

#include "core/data/augment/geometry.h"

#include <stdexcept>

namespace pretext {

namespace {

bool switchedOn(const KnobSet &knobs, const std::string &name)
{
    const Knob *knob = knobs.find(name);
    return knob && (knob->kind == KnobKind::choice ? knobs.choice(name) != "none" : knobs.boolean(name));
}

void interleave(const Planes &planes, std::span<float> view)
{
    for (int c = 0; c < planes.channels; ++c) {
        const float *from = planes.plane(c);
        for (size_t i = 0; i < planes.area(); ++i)
            view[i * planes.channels + c] = from[i];
    }
}

} // namespace

std::vector<Knob> augmentationKnobs(ImageShape shape)
{
    std::vector<Knob> all;
    for (const AugmentationType &type : augmentationTypes())
        for (Knob &knob : type.knobs(shape))
            all.push_back(std::move(knob));
    return all;
}

void requireViewable(const Image &original, ImageShape view)
{
    if (original.channels != view.channels || original.pixels.size() != size_t(original.height) * original.width * original.channels || original.pixels.empty())
        throw std::invalid_argument("[augment] an original of " + std::to_string(original.height) + " x " + std::to_string(original.width) + " x "
                                    + std::to_string(original.channels) + ", of " + std::to_string(original.pixels.size()) + " values, into a view of "
                                    + std::to_string(view.height) + " x " + std::to_string(view.width) + " x " + std::to_string(view.channels));
}

void applyRecord(const Image &original, const ViewRecord &record, ImageShape shape, std::span<float> view)
{
    requireViewable(original, shape);
    Planes planes{shape.channels, shape.height, shape.width};
    if (view.size() != planes.size())
        throw std::invalid_argument("[augment] a view of " + std::to_string(planes.size()) + " values into " + std::to_string(view.size()));
    thread_local std::vector<float> scratch;
    scratch.resize(planes.size());
    planes.data = shape.channels == 1 ? view.data() : scratch.data(); // one channel is its own plane

    resample(original, record.placement(), planes);
    for (const Deed &deed : record.deeds)
        if (deed.by->apply)
            deed.by->apply(deed, planes);
    if (planes.channels > 1)
        interleave(planes, view);
}

Augmenter::Augmenter(const KnobSet &knobs, ImageShape shape) : m_shape(shape)
{
    if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != 3))
        throw std::invalid_argument("[augment] a view of " + std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x "
                                    + std::to_string(shape.channels) + " cannot be made; it needs pixels in 1 or 3 channels");
    for (const AugmentationType &type : augmentationTypes())
        if (switchedOn(knobs, type.name))
            m_drawings.push_back({&type, type.drawing(knobs, shape)});
}

ViewRecord Augmenter::draw(const ViewKey &key) const
{
    ViewRecord record;
    record.deeds.reserve(m_drawings.size() + 3); // jitter alone does more than one thing
    for (const Drawing &drawing : m_drawings) {
        Random random(key.seed + drawing.type->stream * 0x9e3779b97f4a7c15ull, key.epoch, key.sample, key.view);
        const size_t first = record.deeds.size();
        drawing.draw(random, record.deeds);
        for (size_t i = first; i < record.deeds.size(); ++i)
            record.deeds[i].by = drawing.type;
    }
    return record;
}

void Augmenter::apply(const Image &original, const ViewRecord &record, std::span<float> view) const
{
    applyRecord(original, record, m_shape, view);
}

ViewRecord Augmenter::make(const Image &original, const ViewKey &key, std::span<float> view) const
{
    ViewRecord record = draw(key);
    apply(original, record, view);
    return record;
}

} // namespace pretext
