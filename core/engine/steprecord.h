// What one step leaves behind: its scalars, and offers of heavy channels, from which a snapshot is made when one is due.
#pragma once

#include "core/engine/lanes.h"
#include "core/ssl/method.h"
#include "core/tensor/readback.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// A snapshot of which parts may still be on their way from the device.
class LeavingSnapshot
{
public:
    struct Part
    {
        std::string channel;
        std::vector<Tensor> tensors; // outlines
        std::function<ChannelValue(std::vector<Matrix>)> show;
    };
    LeavingSnapshot(std::shared_ptr<Snapshot> snapshot, std::vector<Part> parts, Readback values);

    bool there() const { return m_values.there(); }
    /// Waits for what is not there yet; to be called once.
    SnapshotPtr take();

private:
    std::shared_ptr<Snapshot> m_snapshot;
    std::vector<Part> m_parts;
    Readback m_values;
};

class StepRecord : public Recorder
{
public:
    /// Forgets the step before and offers what the kind of data shows whatever the method. `batch` outlives the record's use.
    void begin(const Batch &batch, std::shared_ptr<const Prepared> prepared);
    void clear();

    void scalar(const std::string &channel, double value) override { m_scalars.emplace_back(channel, value); }
    void heavy(const std::string &channel, std::function<Shown()> make) override { m_offers.emplace_back(channel, std::move(make)); }
    void read(const std::vector<Tensor> &tensors, std::function<void(std::vector<Matrix>)> then) override;

    /// What was to be read so far leaves the device; its scalars are there after finishReading(), which waits.
    void beginReading();
    void finishReading();

    const std::vector<std::pair<std::string, double>> &scalars() const { return m_scalars; }
    /// The step's snapshot with the heavy channels that are wanted; empty before begin().
    std::optional<LeavingSnapshot> snapshot(int64_t step, uint64_t seed, const KnobSet &knobs, const Wanted &wanted) const;

private:
    struct Reading
    {
        size_t place; // among the scalars
        std::vector<Tensor> tensors;
        std::function<void(std::vector<Matrix>)> then;
    };

    const Batch *m_batch = nullptr;
    std::shared_ptr<const Prepared> m_prepared;
    std::vector<std::pair<std::string, double>> m_scalars;
    std::vector<std::pair<std::string, std::function<Shown()>>> m_offers;
    std::vector<Reading> m_readings;
    Readback m_values; // theirs
};

} // namespace pretext
