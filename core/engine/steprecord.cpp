#include "core/engine/steprecord.h"

#include "core/data/modalitytype.h"
#include "core/engine/modalitytraining.h"

namespace pretext {

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
}

SnapshotPtr StepRecord::snapshot(int64_t step, uint64_t seed, const KnobSet &knobs, const Wanted &wanted) const
{
    if (!m_batch)
        return nullptr;
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
    for (const auto &[channel, make] : m_offers) {
        snapshot->offered.insert(channel);
        if (wanted.wants(channel))
            snapshot->channels.emplace(channel, make());
    }
    return snapshot;
}

} // namespace pretext
