// Batches, made a few ahead by one thread, or inline when told to keep no thread. What a batch holds is the batch maker's business.
#pragma once

#include "core/data/batchmaker.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace pretext {

struct LoaderOptions
{
    int batchSize = 256;
    DeclareViews views = twoViews;
    uint64_t seed = 0;
    int ahead = 3; // 0: inline, no thread
    MakeBatchMaker maker = makeViewMaker;
    std::shared_ptr<const PreparedSplit> split = {}; // of the training split, where the kind of data has one
};

/// Batches are for the device of the scope that the loader is made in: where it makes views itself, they are planned (Batch::planned), and drawn all the same.
/// The sampling order is a permutation keyed by (seed, epoch); the last incomplete batch of an epoch is dropped. Batch `step` is a pure
/// function of (seed, step, knobs), so a resumed run continues with exactly the batch it would have had.
class Loader
{
public:
    Loader(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs, LoaderOptions options);
    ~Loader(); // joins at once, also when its queue is full

    /// The batch for `step`. Steps are asked for in order; another order restarts the queue. Returns null when stop is requested.
    /// Rethrows what the loading thread threw.
    std::unique_ptr<Batch> next(int64_t step, std::stop_token stop);
    /// The batch that next() will give for `step` where that is made by now, else null. It stays as it is until next() or setKnobs().
    const Batch *peek(int64_t step) const;
    /// From now on batches are made with these knobs; queued ones are dropped.
    void setKnobs(const KnobSet &knobs, uint64_t version);
    /// Gives a batch's memory back for reuse.
    void recycle(std::unique_ptr<Batch> batch);

    int64_t stepsPerEpoch() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace pretext
