#include "core/engine/steprecord.h"

#include "core/data/modalitytype.h"
#include "core/engine/modalitytraining.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

void append(const std::vector<Tensor> &some, std::vector<Tensor> &all)
{
    all.insert(all.end(), some.begin(), some.end());
}

/// The next `count` of all values.
std::vector<std::vector<float>> takeNext(std::vector<std::vector<float>>::iterator &next, size_t count)
{
    std::vector<std::vector<float>> some(std::make_move_iterator(next), std::make_move_iterator(next + std::ptrdiff_t(count)));
    next += std::ptrdiff_t(count);
    return some;
}

} // namespace

LeavingSnapshot::LeavingSnapshot(std::shared_ptr<Snapshot> snapshot, std::vector<Part> parts, Readback values)
    : m_snapshot(std::move(snapshot))
    , m_parts(std::move(parts))
    , m_values(std::move(values))
{
}

SnapshotPtr LeavingSnapshot::take()
{
    std::vector<std::vector<float>> values = m_values.take();
    auto next = values.begin();
    for (Part &part : m_parts)
        m_snapshot->channels.emplace(part.channel, part.show(matricesOf(part.tensors, takeNext(next, part.tensors.size()))));
    return std::move(m_snapshot);
}

void StepRecord::begin(const Batch &batch, std::shared_ptr<const Prepared> prepared)
{
    clear();
    m_batch = &batch;
    m_prepared = std::move(prepared);
    modalityType(m_prepared->modality()).training->offer(batch, m_prepared, *this);
}

void StepRecord::clear()
{
    m_batch = nullptr;
    m_scalars.clear();
    m_offers.clear();
    m_readings.clear();
    m_values = {};
}

void StepRecord::read(const std::vector<Tensor> &tensors, std::function<void(std::vector<Matrix>)> then)
{
    if (std::ranges::any_of(tensors, readingWaits))
        m_readings.push_back({m_scalars.size(), tensors, std::move(then)});
    else
        Recorder::read(tensors, std::move(then));
}

void StepRecord::beginReading()
{
    std::vector<Tensor> all;
    for (const Reading &reading : m_readings)
        append(reading.tensors, all);
    m_values = Readback(all);
    for (Reading &reading : m_readings)
        for (Tensor &tensor : reading.tensors)
            tensor = tensor.outline();
}

/// Whoever wrote scalars of its own after it asked for a reading has them behind the reading's, as if that had been at once.
void StepRecord::finishReading()
{
    if (m_readings.empty())
        return;
    std::vector<Reading> readings = std::exchange(m_readings, {});
    std::vector<std::pair<std::string, double>> before = std::exchange(m_scalars, {});
    std::vector<std::vector<float>> values = m_values.take();
    auto next = values.begin();
    auto from = before.begin();
    for (Reading &reading : readings) {
        const auto place = before.begin() + std::ptrdiff_t(reading.place);
        m_scalars.insert(m_scalars.end(), from, place);
        from = place;
        reading.then(matricesOf(reading.tensors, takeNext(next, reading.tensors.size())));
    }
    m_scalars.insert(m_scalars.end(), from, before.end());
}

std::optional<LeavingSnapshot> StepRecord::snapshot(int64_t step, uint64_t seed, const KnobSet &knobs, const Wanted &wanted) const
{
    if (!m_batch)
        return {};
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->step = step;
    snapshot->seed = seed;
    snapshot->modality = m_prepared->modality();
    snapshot->prepared = m_prepared;
    snapshot->epoch = m_batch->epoch;
    snapshot->indices = m_batch->indices;
    snapshot->views = m_batch->views;
    snapshot->labels.assign(m_batch->labels.begin(), m_batch->labels.end());
    snapshot->knobs = knobs.values();
    snapshot->scalars.insert(m_scalars.begin(), m_scalars.end());
    std::vector<LeavingSnapshot::Part> parts;
    std::vector<Tensor> all;
    for (const auto &[channel, make] : m_offers) {
        snapshot->offered.insert(channel);
        if (!wanted.wants(channel))
            continue;
        Shown shown = make();
        if (!shown.show) {
            snapshot->channels.emplace(channel, std::move(shown.value));
            continue;
        }
        append(shown.tensors, all);
        for (Tensor &tensor : shown.tensors)
            tensor = tensor.outline();
        parts.push_back({channel, std::move(shown.tensors), std::move(shown.show)});
    }
    return LeavingSnapshot(std::move(snapshot), std::move(parts), Readback(all));
}

} // namespace pretext
