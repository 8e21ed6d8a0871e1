#include "core/data/loader.h"

#include "core/files/said.h"
#include "core/system/lowpriority.h"
#include "core/tensor/random.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>

namespace pretext {

namespace {

constexpr uint32_t kOrderStream = 0xffffffff; // in place of sample and view, which never reach it

/// How batches are to be made; replaced as a whole, so that a batch is never made half with the one and half with the other.
struct Recipe
{
    std::unique_ptr<const BatchMaker> maker;
    ViewKinds kinds;
    int views = 0;
    uint64_t knobVersion = 0;
};

/// The order in which an epoch visits the training split.
class Order
{
public:
    Order(uint64_t seed, int64_t size) : m_seed(seed), m_indices(size) {}

    int64_t at(uint32_t epoch, int64_t position)
    {
        if (epoch != m_epoch) {
            std::iota(m_indices.begin(), m_indices.end(), 0);
            Random random(m_seed, epoch, kOrderStream, kOrderStream);
            for (size_t i = m_indices.size() - 1; i > 0; --i)
                std::swap(m_indices[i], m_indices[random.below(static_cast<uint32_t>(i + 1))]);
            m_epoch = epoch;
        }
        return m_indices[position];
    }

private:
    uint64_t m_seed;
    std::vector<int64_t> m_indices;
    int64_t m_epoch = -1; // the one that m_indices holds
};

} // namespace

struct Loader::Impl
{
    Impl(std::shared_ptr<const Dataset> data, const KnobSet &knobs, LoaderOptions o);

    /// Fills `batch` for `step`; false when given up half-way because `abandoned` says so.
    std::shared_ptr<const Recipe> recipeFor(const KnobSet &knobs, uint64_t version) const;
    template<typename Abandoned>
    bool fill(Batch &batch, int64_t step, const Recipe &recipe, const Abandoned &abandoned);
    std::unique_ptr<Batch> spare(); // with the lock held
    void restartAt(int64_t step);   // with the lock held
    void work(std::stop_token stop);
    std::unique_ptr<Batch> makeInline(int64_t step, std::stop_token stop);

    const std::shared_ptr<const Dataset> dataset;
    const LoaderOptions options;
    const Device device = DeviceScope::current();
    const int64_t stepsPerEpoch;
    Order order; // of the thread that fills

    std::mutex mutex;
    std::condition_variable_any changed;
    std::shared_ptr<const Recipe> recipe;
    std::deque<std::unique_ptr<Batch>> queue; // consecutive steps, the next one wanted first
    std::vector<std::unique_ptr<Batch>> spares;
    int64_t wanted = -1, making = -1;     // the step to hand out and the step to make next; negative before the first is asked for
    std::atomic<uint64_t> generation = 0; // of the queue: a batch that was begun in an older one is dropped
    std::exception_ptr failure;           // met at step `making`

    std::jthread thread; // last: it ends before what it uses
};

Loader::Impl::Impl(std::shared_ptr<const Dataset> data, const KnobSet &knobs, LoaderOptions o)
    : dataset(std::move(data))
    , options(o)
    , stepsPerEpoch(o.batchSize > 0 ? dataset->size(Split::train) / o.batchSize : 0)
    , order(o.seed, dataset->size(Split::train))
{
    const int64_t size = dataset->size(Split::train);
    if (options.batchSize < 1 || options.ahead < 0)
        throw std::invalid_argument(
            "[loader] "
            + pretext::said("batch size %1, ahead %2: a batch has at least one sample, and ahead is not negative", {options.batchSize, options.ahead}));
    if (stepsPerEpoch < 1)
        throw std::invalid_argument("[loader] "
                                    + pretext::said("the batch size %1 exceeds the %2 training samples of %3; choose a batch of at most %2 or add samples",
                                                    {options.batchSize, size, dataset->info().name}));
    recipe = recipeFor(knobs, 0);
    if (options.ahead > 0)
        thread = std::jthread([this](std::stop_token stop) { work(stop); });
}

std::shared_ptr<const Recipe> Loader::Impl::recipeFor(const KnobSet &knobs, uint64_t version) const
{
    const ViewKinds kinds = options.views(knobs);
    const int views = viewCount(kinds);
    if (views < 1)
        throw std::invalid_argument("[loader] " + pretext::said("a batch has at least one view of each sample, not %1", {views}));
    return std::make_shared<const Recipe>(Recipe{options.maker({dataset, options.split, kinds, device}, knobs), kinds, views, version});
}

template<typename Abandoned>
bool Loader::Impl::fill(Batch &batch, int64_t step, const Recipe &with, const Abandoned &abandoned)
{
    const int64_t n = options.batchSize;
    batch.begun = std::chrono::steady_clock::now();
    batch.step = step;
    batch.epoch = static_cast<uint32_t>(step / stepsPerEpoch);
    batch.views = with.views;
    batch.kinds = with.kinds;
    batch.knobVersion = with.knobVersion;
    batch.indices.resize(n);
    for (int64_t i = 0; i < n; ++i)
        batch.indices[i] = order.at(batch.epoch, step % stepsPerEpoch * n + i);
    batch.labels.resize(hasClasses(dataset->info()) ? n : 0);
    for (size_t i = 0; i < batch.labels.size(); ++i)
        batch.labels[i] = static_cast<int32_t>(dataset->label(Split::train, batch.indices[i]));
    with.maker->begin(batch);
    for (int64_t i = 0; i < n; ++i) {
        if (abandoned())
            return false;
        with.maker->make(batch, options.seed, i);
    }
    with.maker->finish(batch);
    batch.made = std::chrono::steady_clock::now();
    return true;
}

std::unique_ptr<Batch> Loader::Impl::spare()
{
    if (spares.empty())
        return std::make_unique<Batch>();
    std::unique_ptr<Batch> batch = std::move(spares.back());
    spares.pop_back();
    return batch;
}

void Loader::Impl::restartAt(int64_t step)
{
    ++generation;
    for (std::unique_ptr<Batch> &batch : queue)
        spares.push_back(std::move(batch));
    queue.clear();
    failure = nullptr;
    wanted = making = step;
    changed.notify_all();
}

void Loader::Impl::work(std::stop_token stop)
{
    lowerPriorityOfThisThread();
    std::unique_lock lock(mutex);
    const auto hasWork = [&] { return making >= 0 && !failure && static_cast<int>(queue.size()) < options.ahead; };
    while (changed.wait(lock, stop, hasWork) && !stop.stop_requested()) { // a wait that is stopped returns true where there is work
        const int64_t step = making;
        const uint64_t begun = generation;
        const std::shared_ptr<const Recipe> with = recipe;
        std::unique_ptr<Batch> batch = spare();
        std::exception_ptr thrown;
        bool filled = false;
        lock.unlock();
        try {
            filled = fill(*batch, step, *with, [&] { return stop.stop_requested() || generation != begun; });
        } catch (...) {
            thrown = std::current_exception();
        }
        lock.lock();
        if (generation != begun || !filled) {
            spares.push_back(std::move(batch));
            if (generation == begun)
                failure = thrown;
        } else {
            queue.push_back(std::move(batch));
            ++making;
        }
        changed.notify_all();
    }
}

std::unique_ptr<Batch> Loader::Impl::makeInline(int64_t step, std::stop_token stop)
{
    std::unique_lock lock(mutex);
    const std::shared_ptr<const Recipe> with = recipe;
    std::unique_ptr<Batch> batch = spare();
    lock.unlock();
    return fill(*batch, step, *with, [&] { return stop.stop_requested(); }) ? std::move(batch) : nullptr;
}

Loader::Loader(std::shared_ptr<const Dataset> dataset, const KnobSet &knobs, LoaderOptions options)
    : m_impl(std::make_unique<Impl>(std::move(dataset), knobs, options))
{
}

Loader::~Loader() = default;

std::unique_ptr<Batch> Loader::next(int64_t step, std::stop_token stop)
{
    if (step < 0)
        throw std::invalid_argument("[loader] " + pretext::said("step %1 is negative", {step}));
    if (stop.stop_requested())
        return nullptr;
    if (m_impl->options.ahead == 0)
        return m_impl->makeInline(step, stop);

    Impl &impl = *m_impl;
    std::unique_lock lock(impl.mutex);
    if (step != impl.wanted)
        impl.restartAt(step);
    if (!impl.changed.wait(lock, stop, [&] { return !impl.queue.empty() || impl.failure; }))
        return nullptr;
    if (impl.queue.empty()) {
        const std::exception_ptr failure = impl.failure;
        impl.wanted = impl.making = -1; // asking again tries again
        impl.failure = nullptr;
        std::rethrow_exception(failure);
    }
    std::unique_ptr<Batch> batch = std::move(impl.queue.front());
    impl.queue.pop_front();
    ++impl.wanted;
    impl.changed.notify_all();
    return batch;
}

const Batch *Loader::peek(int64_t step) const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->queue.empty() || m_impl->wanted != step ? nullptr : m_impl->queue.front().get();
}

void Loader::setKnobs(const KnobSet &knobs, uint64_t version)
{
    std::shared_ptr<const Recipe> recipe = m_impl->recipeFor(knobs, version);
    std::lock_guard lock(m_impl->mutex);
    m_impl->recipe = std::move(recipe);
    m_impl->restartAt(m_impl->wanted);
}

void Loader::recycle(std::unique_ptr<Batch> batch)
{
    if (batch && batch->planned)
        batch->planned->forget();
    std::lock_guard lock(m_impl->mutex);
    if (batch && static_cast<int>(m_impl->spares.size()) < m_impl->options.ahead + 1)
        m_impl->spares.push_back(std::move(batch));
}

int64_t Loader::stepsPerEpoch() const
{
    return m_impl->stepsPerEpoch;
}

} // namespace pretext
