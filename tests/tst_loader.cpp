// Batches depend on seed, step and knobs alone; the loader's thread never keeps anyone waiting who has asked to stop.
#include "core/data/loader.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

using namespace pretext;

namespace {

using namespace std::chrono_literals;

/// Images that tell their index; optionally slow, or failing at one index.
class Numbered : public Dataset
{
public:
    explicit Numbered(int64_t count) : m_count(count)
    {
        m_info.name = "numbered";
        m_info.image = {8, 8, 1};
        m_info.mean = {0.25f};
        m_info.deviation = {0.5f};
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? m_count : 0; }
    Image image(Split, int64_t index) const override
    {
        ++read;
        if (index == failing)
            throw std::runtime_error("sample 7 is damaged");
        std::this_thread::sleep_for(delay);
        return {8, 8, 1, std::vector<uint8_t>(64, static_cast<uint8_t>(index % 256))};
    }
    float label(Split, int64_t index, int) const override { return float(index % 3); }
    void nameClasses() { m_info.columns = {{"label", {"zero", "one", "two"}}}; }

    std::atomic<int64_t> failing = -1;
    std::chrono::microseconds delay{0};
    mutable std::atomic<int> read = 0;

private:
    int64_t m_count;
    DatasetInfo m_info;
};

KnobSet knobs(bool augmented = true)
{
    KnobSet set(augmentationKnobs({8, 8, 1}));
    for (const char *name : {"crop", "flip", "jitter"})
        set.set(name, augmented);
    return set;
}

ViewKinds threeViews(const KnobSet &)
{
    return {{"view", 3}};
}

/// Two as large as the images, and three of half their side.
ViewKinds largeAndSmall(const KnobSet &)
{
    return {{"global", 2}, {"local", 3, 4}};
}

void compareBatches(const Batch &a, const Batch &b)
{
    QCOMPARE(a.step, b.step);
    QCOMPARE(a.epoch, b.epoch);
    QCOMPARE(a.indices, b.indices);
    QCOMPARE(a.pixels, b.pixels);
    QCOMPARE(a.records.size(), b.records.size());
}

QString errorOf(const std::shared_ptr<const Dataset> &dataset, LoaderOptions options)
{
    try {
        Loader loader(dataset, knobs(), options);
    } catch (const std::invalid_argument &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

class TestLoader : public QObject
{
    Q_OBJECT
private slots:
    void theThreadChangesNothing()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        Loader threaded(dataset, knobs(), {8, twoViews, 3, 3}), alone(dataset, knobs(), {8, twoViews, 3, 0});
        for (int64_t step = 0; step < 14; ++step) {
            const auto a = threaded.next(step, {}), b = alone.next(step, {});
            compareBatches(*a, *b);
            QCOMPARE(a->step, step);
        }
    }

    void anEpochVisitsEachSampleAtMostOnce()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        Loader loader(dataset, knobs(), {8, oneView, 0, 0});
        QCOMPARE(loader.stepsPerEpoch(), int64_t(6)); // the last two samples are dropped
        std::vector<std::vector<int64_t>> epochs(3);
        for (int64_t step = 0; step < 18; ++step) {
            const auto batch = loader.next(step, {});
            QCOMPARE(int64_t(batch->epoch), step / 6);
            epochs[batch->epoch].insert(epochs[batch->epoch].end(), batch->indices.begin(), batch->indices.end());
        }
        for (const auto &indices : epochs) {
            QCOMPARE(std::set<int64_t>(indices.begin(), indices.end()).size(), size_t(48));
            QVERIFY(*std::max_element(indices.begin(), indices.end()) < 50 && *std::min_element(indices.begin(), indices.end()) >= 0);
        }
        QVERIFY(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
    }

    void viewsDifferAndLieViewMajor()
    {
        const auto dataset = std::make_shared<Numbered>(16);
        Loader loader(dataset, knobs(false), {4, threeViews, 0, 0});
        const auto batch = loader.next(0, {});
        QCOMPARE(batch->pixels.size(), size_t(3 * 4 * 64));
        QCOMPARE(batch->records.size(), size_t(12));
        QCOMPARE(batch->originals.size(), size_t(4));
        for (int i = 0; i < 4; ++i)
            QCOMPARE(batch->originals[i], dataset->image(Split::train, batch->indices[i]));
        for (int view = 0; view < 3; ++view)
            for (int i = 0; i < 4; ++i) // not augmented: the normalised index
                QVERIFY(std::abs(batch->pixels[(view * 4 + i) * 64] - (batch->indices[i] / 255.f - 0.25f) / 0.5f) < 1e-6f);

        Loader augmented(dataset, knobs(), {4, twoViews, 0, 0});
        const auto views = augmented.next(0, {});
        QVERIFY(!std::equal(views->pixels.begin(), views->pixels.begin() + 4 * 64, views->pixels.begin() + 4 * 64));
    }

    void viewsOfSeveralKindsLieKindAfterKind()
    {
        const auto dataset = std::make_shared<Numbered>(16);
        const auto batch = Loader(dataset, knobs(), {4, largeAndSmall, 3, 0}).next(0, {});
        QCOMPARE(batch->views, 5);
        QCOMPARE(batch->records.size(), size_t(5 * 4));
        QCOMPARE(batch->pixels.size(), size_t(2 * 4 * 64 + 3 * 4 * 16));
        const std::vector<ViewBlock> blocks = viewBlocks(*batch);
        QCOMPARE(blocks.size(), size_t(2));
        QVERIFY(blocks[0].shape == (ImageShape{8, 8, 1}) && blocks[1].shape == (ImageShape{4, 4, 1}));
        // The first two are those that a method of two views gets, and the others are made by the same augmentations for their own keys.
        const auto two = Loader(dataset, knobs(), {4, twoViews, 3, 0}).next(0, {});
        QVERIFY(std::equal(two->pixels.begin(), two->pixels.end(), batch->pixels.begin()));
        const Augmenter large(knobs(), {8, 8, 1}), small(knobs(), {4, 4, 1});
        std::vector<float> view(16);
        for (uint32_t v = 2; v < 5; ++v)
            for (int i = 0; i < 4; ++i) {
                const ViewRecord record = large.draw({3, batch->epoch, uint32_t(batch->indices[i]), v});
                QCOMPARE(batch->records[v * 4 + i].describe(), record.describe());
                small.apply(dataset->image(Split::train, batch->indices[i]), record, view);
                const float *made = &batch->pixels[blocks[1].pixels + ((v - 2) * 4 + i) * 16];
                for (int p = 0; p < 16; ++p)
                    QVERIFY(std::abs(made[p] - (view[p] - 0.25f) / 0.5f) < 1e-6f);
            }
    }

    /// A kind of views may be drawn by knobs of its own; the others stay as they are.
    void aKindOfViewsHasItsOwnKnobs()
    {
        const auto dataset = std::make_shared<Numbered>(64);
        const DeclareViews details = [](const KnobSet &) {
            return ViewKinds{{"view", 2}, {"small", 2, 4, {{"crop", true}, {"crop.min_area", 0.1}, {"crop.max_area", 0.3}}}};
        };
        const auto two = Loader(dataset, knobs(false), {32, twoViews, 3, 0}).next(0, {}),
                   batch = Loader(dataset, knobs(false), {32, details, 3, 0}).next(0, {});
        QVERIFY(std::equal(two->pixels.begin(), two->pixels.end(), batch->pixels.begin()));
        for (size_t row = 0; row < batch->records.size(); ++row) {
            const CropBox crop = batch->records[row].placement().crop;
            const float area = crop.width * crop.height;
            QVERIFY2(row < 64 ? area == 1 : area > 0.05f && area < 0.4f, qPrintable(QString::number(area))); // of 64 pixels, so that boxes are rounded
        }
    }

    void viewsOfImagesThatAreNotSquareKeepTheirShape()
    {
        QVERIFY(shapeOf({"local", 1, 10}, {20, 40, 3}) == (ImageShape{10, 20, 3}));
        QVERIFY(shapeOf({"global", 2}, {20, 40, 3}) == (ImageShape{20, 40, 3}));
    }

    void labelsComeWhereTheDataHaveThem()
    {
        auto dataset = std::make_shared<Numbered>(16);
        QVERIFY(Loader(dataset, knobs(), {4, twoViews, 3, 0}).next(0, {})->labels.empty());
        dataset->nameClasses();
        const auto batch = Loader(dataset, knobs(), {4, twoViews, 3, 0}).next(0, {});
        QCOMPARE(batch->labels.size(), size_t(4));
        for (int i = 0; i < 4; ++i)
            QCOMPARE(batch->labels[i], int32_t(batch->indices[i] % 3));
    }

    void aViewIsTheAugmentersForItsKey()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        Loader loader(dataset, knobs(), {8, twoViews, 11, 2});
        const auto batch = loader.next(8, {});
        const Augmenter augmenter(knobs(), dataset->info().image);
        std::vector<float> view(64);
        for (uint32_t v = 0; v < 2; ++v) {
            augmenter.make(dataset->image(Split::train, batch->indices[5]), {11, batch->epoch, uint32_t(batch->indices[5]), v}, view);
            for (int i = 0; i < 64; ++i)
                QVERIFY(std::abs(batch->pixels[(v * 8 + 5) * 64 + i] - (view[i] - 0.25f) / 0.5f) < 1e-6f);
        }
    }

    void resumingGivesTheBatchThatWouldHaveCome()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        Loader first(dataset, knobs(), {8, twoViews, 5, 3}), resumed(dataset, knobs(), {8, twoViews, 5, 3});
        std::unique_ptr<Batch> batch;
        for (int64_t step = 0; step <= 9; ++step)
            batch = first.next(step, {});
        compareBatches(*resumed.next(9, {}), *batch);
        compareBatches(*first.next(9, {}), *batch); // and going back restarts the queue
        QCOMPARE(first.next(10, {})->indices, resumed.next(10, {})->indices);
    }

    void newKnobsActOnTheNextBatchAsked()
    {
        const auto dataset = std::make_shared<Numbered>(500);
        Loader loader(dataset, knobs(), {8, twoViews, 5, 3});
        QCOMPARE(loader.next(0, {})->knobVersion, uint64_t(0));
        QTRY_VERIFY(dataset->read >= 4 * 8); // the queue is full of batches made with the old knobs
        loader.setKnobs(knobs(false), 7);
        const auto batch = loader.next(1, {});
        QCOMPARE(batch->knobVersion, uint64_t(7));
        QCOMPARE(batch->step, int64_t(1));
        QCOMPARE(batch->records[3].describe(), std::string("nothing"));
        compareBatches(*batch, *Loader(dataset, knobs(false), {8, twoViews, 5, 0}).next(1, {}));
    }

    void knobsSetBeforeTheFirstStepCount()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        for (int ahead : {0, 2}) {
            Loader loader(dataset, knobs(), {8, twoViews, 5, ahead});
            loader.setKnobs(knobs(false), 3);
            QCOMPARE(loader.next(4, {})->knobVersion, uint64_t(3));
        }
    }

    void endsAtOnceWithAFullQueue()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        auto loader = std::make_unique<Loader>(dataset, knobs(), LoaderOptions{8, twoViews, 5, 2});
        loader->next(0, {});
        QTRY_VERIFY(dataset->read >= 3 * 8);
        QTest::qWait(20);
        QCOMPARE(dataset->read.load(), 3 * 8); // it waits: the queue is bounded
        QElapsedTimer timer;
        timer.start();
        loader.reset();
        QVERIFY(timer.elapsed() < 2000);
    }

    void stopEndsTheWaitForASlowBatch()
    {
        const auto dataset = std::make_shared<Numbered>(5000);
        dataset->delay = 5ms; // a batch takes ten seconds
        Loader loader(dataset, knobs(), {2000, twoViews, 5, 2});
        std::stop_source source;
        std::jthread later([&] {
            std::this_thread::sleep_for(30ms);
            source.request_stop();
        });
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!loader.next(0, source.get_token()));
        QVERIFY(!loader.next(0, source.get_token()));
        QVERIFY(timer.elapsed() < 5000); // and so does the destructor, in the middle of the batch
    }

    void stopEndsAnInlineBatch()
    {
        const auto dataset = std::make_shared<Numbered>(5000);
        dataset->delay = 5ms;
        Loader loader(dataset, knobs(), {2000, twoViews, 5, 0});
        std::stop_source source;
        std::jthread later([&] {
            std::this_thread::sleep_for(30ms);
            source.request_stop();
        });
        QVERIFY(!loader.next(0, source.get_token()));
        QVERIFY(dataset->read < 2000);
    }

    void rethrowsWhatTheThreadMetAndGoesOn()
    {
        for (int ahead : {0, 3}) {
            const auto dataset = std::make_shared<Numbered>(16);
            dataset->failing = 7;
            Loader loader(dataset, knobs(), {4, oneView, 5, ahead});
            int64_t step = 0;
            QString message;
            try {
                for (; step < 4; ++step)
                    loader.next(step, {});
            } catch (const std::runtime_error &error) {
                message = error.what();
            }
            QCOMPARE(message, QString("sample 7 is damaged"));
            QVERIFY_THROWS_EXCEPTION(std::runtime_error, loader.next(step, {})); // still damaged
            dataset->failing = -1;
            const auto batch = loader.next(step, {});
            QVERIFY(std::count(batch->indices.begin(), batch->indices.end(), 7) == 1);
        }
    }

    void recycledMemoryIsUsedAgain()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        Loader loader(dataset, knobs(), {8, twoViews, 5, 0});
        auto batch = loader.next(0, {});
        const float *memory = batch->pixels.data();
        loader.recycle(std::move(batch));
        batch = loader.next(1, {});
        QCOMPARE(static_cast<const float *>(batch->pixels.data()), memory);
        compareBatches(*batch, *Loader(dataset, knobs(), {8, twoViews, 5, 0}).next(1, {}));
    }

    void refusesABatchLargerThanTheData()
    {
        const auto dataset = std::make_shared<Numbered>(50);
        const QString error = errorOf(dataset, {256, twoViews, 0, 0});
        QVERIFY2(error.contains("256") && error.contains("50") && error.contains("numbered") && error.contains("choose"), qPrintable(error));
        QVERIFY(errorOf(dataset, {50, twoViews, 0, 0}).isEmpty());
        QVERIFY(!errorOf(dataset, {0, twoViews, 0, 0}).isEmpty());
        QVERIFY(!errorOf(dataset, {8, [](const KnobSet &) { return ViewKinds(); }, 0, 0}).isEmpty());
        QVERIFY(!errorOf(std::make_shared<Numbered>(0), {8, twoViews, 0, 3}).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestLoader)
#include "tst_loader.moc"
