// What one step leaves behind: its scalars, and offers of heavy channels, from which a snapshot is made when one is due.
#pragma once

#include "core/engine/lanes.h"
#include "core/ssl/method.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

class StepRecord : public Recorder
{
public:
    /// Forgets the step before and offers what the kind of data shows whatever the method. `batch` outlives the record's use.
    void begin(const Batch &batch, std::shared_ptr<const Prepared> prepared);
    void clear();

    void scalar(const std::string &channel, double value) override { m_scalars.emplace_back(channel, value); }
    void heavy(const std::string &channel, std::function<ChannelValue()> make) override { m_offers.emplace_back(channel, std::move(make)); }

    const std::vector<std::pair<std::string, double>> &scalars() const { return m_scalars; }
    /// The step's snapshot with the heavy channels that are wanted; null before begin().
    SnapshotPtr snapshot(int64_t step, uint64_t seed, const KnobSet &knobs, const Wanted &wanted) const;

private:
    const Batch *m_batch = nullptr;
    std::shared_ptr<const Prepared> m_prepared;
    std::vector<std::pair<std::string, double>> m_scalars;
    std::vector<std::pair<std::string, std::function<ChannelValue()>>> m_offers;
};

} // namespace pretext
