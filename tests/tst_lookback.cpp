// Older steps of a run, shown again: the same bit for bit as they were live, while the run itself notices nothing of it.
#include "widgets/lookback.h"

#include "core/engine/encodercopy.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "jobfixture.h"
#include "widgets/workbench.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>
#include <sstream>

using namespace pretext;

namespace {

const std::set<std::string> kChannels{"similarity", "views/pixels", "embeddings", "gradient/layers"};

/// metrics.csv without its seconds.
std::string numbersOf(const std::filesystem::path &run)
{
    std::ifstream in(run / "metrics.csv");
    std::string line, all;
    while (std::getline(in, line)) {
        const size_t first = line.find(','), second = line.find(',', first + 1);
        all += line.substr(0, first) + line.substr(second) + '\n';
    }
    return all;
}

/// Every file of the folder, with its size.
std::string filesOf(const std::filesystem::path &folder)
{
    std::set<std::string> files;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.insert(entry.path().string() + ' ' + std::to_string(entry.file_size()));
    std::string all;
    for (const std::string &file : files)
        all += file + '\n';
    return all;
}

void compareAll(const Snapshot &again, const Snapshot &live)
{
    QCOMPARE(again.step, live.step);
    QCOMPARE(again.epoch, live.epoch);
    QCOMPARE(again.indices, live.indices);
    QVERIFY(again.knobs == live.knobs);
    QVERIFY(again.scalars == live.scalars);
    QCOMPARE(again.offered, live.offered);
    for (const char *name : {"similarity", "embeddings"}) {
        const auto *one = again.channel<Matrix>(name), *other = live.channel<Matrix>(name);
        QVERIFY2(one && other, name);
        QCOMPARE(one->values, other->values); // bit for bit
    }
    const auto *views = again.channel<ImageBatch>("views/pixels"), *before = live.channel<ImageBatch>("views/pixels");
    QVERIFY(views && before && views->size() == before->size());
    for (size_t i = 0; i < views->size(); ++i)
        QCOMPARE((*views)[i].pixels, (*before)[i].pixels);
    const auto *norms = again.channel<LayerNorms>("gradient/layers"), *were = live.channel<LayerNorms>("gradient/layers");
    QCOMPARE(norms == nullptr, were == nullptr);
    if (norms)
        QCOMPARE(norms->gradients, were->gradients);
}

} // namespace

class TestLookBack : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { qputenv("PRETEXT_UNLISTED", "1"); }
    void init();
    void cleanup() { m_workbench.reset(); }
    void everyStepIsShownAsItWasLive();
    void ticksFollowTheCheckpoints();
    void theNewestRequestWins();
    void trainingNoticesNothing();
    void whatIsWantedLaterComes();
    void aForkBeginsWhereItsParentWas();
    void whatCannotBeShownIsSaid();
    void aRewindShowsTheRunAsItIs();

private:
    TrainerOptions options(const char *name) const;
    void takeStep();
    bool shows(int64_t step) const { return m_run->looksBack() && m_run->shownStep() == step && m_run->lookBack().progress().isEmpty(); }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
    Run *m_run = nullptr;
    QObject m_panel;
};

void TestLookBack::init()
{
    m_workbench = std::make_unique<Workbench>();
    m_run = m_workbench->add();
}

TrainerOptions TestLookBack::options(const char *name) const
{
    TrainerOptions options = test::shapesJob((m_folder.path() + '/' + name).toStdString());
    options.config.steps = 40;
    return options;
}

/// And waits until what is wanted of it has arrived.
void TestLookBack::takeStep()
{
    const int64_t step = m_run->status().step + 1;
    m_run->stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(
        m_run->status().step == step && m_run->status().state == TrainerState::paused && m_run->snapshot() && m_run->snapshot()->step == step, 30000);
}

void TestLookBack::everyStepIsShownAsItWasLive()
{
    m_run->want(&m_panel, kChannels);
    m_run->start(options("live"));
    QTRY_VERIFY_WITH_TIMEOUT(m_run->snapshot(), 30000);
    std::vector<SnapshotPtr> live{m_run->snapshot()}; // of the batch that waits at the first step
    for (int step = 1; step <= 9; ++step) {
        if (step == 5) // in force for the fifth step, after one checkpoint and before another
            m_workbench->requestOf(m_run)->setKnob("temperature", 0.25);
        if (step == 7)
            m_workbench->requestOf(m_run)->setKnob("crop.min_area", 0.5);
        takeStep();
        live.push_back(m_run->snapshot());
        if (step == 2)
            m_run->saveCheckpoint();
    }
    QVERIFY(live[5]->knobs != live[4]->knobs && live[7]->knobs != live[6]->knobs);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->lookBack().atOnce().size() > 2, 10000);
    const std::string before = filesOf(m_run->path());
    for (const int64_t step : {0, 8, 3, 4, 5, 6, 7, 2, 1}) { // also by the steps in between, one after the other
        m_run->lookBack().show(step);
        QTRY_VERIFY2_WITH_TIMEOUT(shows(step), qPrintable(m_run->lookBack().problem() + m_run->lookBack().progress()), 30000);
        compareAll(*m_run->snapshot(), *live[size_t(step)]);
        if (QTest::currentTestFailed())
            return;
    }
    QCOMPARE(m_run->status().step, 9);
    m_run->lookBack().leave();
    QVERIFY(!m_run->looksBack());
    compareAll(*m_run->snapshot(), *live[9]);
    QCOMPARE(filesOf(m_run->path()), before);
}

void TestLookBack::ticksFollowTheCheckpoints()
{
    m_run->start(options("ticks"));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->lookBack().atOnce(), (std::vector<int64_t>{0}), 10000);
    for (int step = 1; step <= 4; ++step) {
        m_run->stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(m_run->status().step == step && m_run->status().state == TrainerState::paused, 30000);
    }
    std::vector<int64_t> expected{0};
    for (const auto &checkpoint : checkpointsIn(m_run->path()))
        if (stepOf(checkpoint) < 4)
            expected.push_back(stepOf(checkpoint) + 1);
    QVERIFY(expected.size() >= 3); // a pause keeps one
    QTRY_COMPARE_WITH_TIMEOUT(m_run->lookBack().atOnce(), expected, 10000);
}

void TestLookBack::theNewestRequestWins()
{
    m_run->want(&m_panel, kChannels);
    m_run->start(options("newest"));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    for (int step = 1; step <= 6; ++step)
        takeStep();
    QSignalSpy shown(m_run, &Run::shownStepChanged);
    for (const int64_t step : {1, 5, 2, 4, 1, 3, 5, 2}) // a drag to and fro
        m_run->lookBack().show(step);
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    QCOMPARE(shown.size(), 1); // of the others none was worked off
    m_run->lookBack().show(5);
    m_run->lookBack().leave();
    QTest::qWait(300);
    QVERIFY(!m_run->looksBack() && !m_run->lookBack().asked());
    QCOMPARE(m_run->snapshot()->step, 6);
}

void TestLookBack::trainingNoticesNothing()
{
    std::string numbers[2];
    for (const bool looks : {false, true}) {
        TrainerOptions asked = options(looks ? "looked" : "alone");
        asked.startPaused = false;
        asked.config.batch = 32;
        asked.config.steps = 120;
        m_run->want(&m_panel, kChannels);
        m_run->start(asked);
        QElapsedTimer since;
        since.start();
        int looked = 0;
        while (m_run->status().state != TrainerState::ended && since.elapsed() < 60000) {
            if (looks && m_run->status().step > 2 && (!m_run->lookBack().asked() || shows(*m_run->lookBack().asked()))) {
                looked += m_run->looksBack();
                m_run->lookBack().show(1 + (looked * 7) % m_run->status().step);
            }
            QTest::qWait(5);
        }
        QCOMPARE(m_run->status().state, TrainerState::ended);
        QVERIFY(!looks || looked > 0);
        m_run->stop();
        numbers[looks] = numbersOf(asked.out);
        QVERIFY(numbers[looks].size() > 1000);
    }
    QCOMPARE(numbers[1], numbers[0]);
}

void TestLookBack::whatIsWantedLaterComes()
{
    m_run->start(options("later"));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    for (int step = 1; step <= 3; ++step) {
        m_run->stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(m_run->status().step == step && m_run->status().state == TrainerState::paused, 30000);
    }
    m_run->lookBack().show(2);
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    QVERIFY(!m_run->snapshot()->channels.contains("encoder/weights"));
    m_run->want(&m_panel, {"encoder/weights", "similarity"}); // a panel is opened while an older step is shown
    QTRY_VERIFY_WITH_TIMEOUT(m_run->snapshot()->channels.contains("encoder/weights"), 30000);
    QVERIFY(shows(2) && m_run->snapshot()->channel<Matrix>("similarity"));
    const auto &copy = *m_run->snapshot()->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights");
    QCOMPARE(copy->state.step, 2); // and not those of now
}

void TestLookBack::aForkBeginsWhereItsParentWas()
{
    m_run->start(options("parent"));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    m_run->stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->status().step == 1 && m_run->status().state == TrainerState::paused, 30000);
    const std::filesystem::path parent = m_run->path();
    m_run->stop();
    TrainerOptions fork = forkOf(parent, 1).options;
    fork.dataset = openDataset("shapes");
    fork.out = parent.parent_path() / "fork";
    fork.startPaused = true;
    m_run->start(fork);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    m_run->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().step, 2, 30000);
    m_run->want(&m_panel, kChannels);
    m_run->lookBack().show(0); // its parent's
    QTRY_VERIFY_WITH_TIMEOUT(shows(1) || !m_run->lookBack().problem().isEmpty(), 30000);
    QVERIFY2(shows(1), qPrintable(m_run->lookBack().problem()));
    QCOMPARE(m_run->lookBack().first(), 1);
}

void TestLookBack::whatCannotBeShownIsSaid()
{
    m_run->start(test::shapesJob()); // without a folder
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    m_run->lookBack().show(0);
    QVERIFY(!m_run->lookBack().asked() && m_run->lookBack().atOnce().empty());
    m_run->start(options("damaged"));
    QTRY_VERIFY_WITH_TIMEOUT(m_run->hasJob() && m_run->status().state == TrainerState::paused, 30000);
    for (int step = 1; step <= 2; ++step) {
        m_run->stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(m_run->status().step == step && m_run->status().state == TrainerState::paused, 30000);
    }
    for (const auto &checkpoint : checkpointsIn(m_run->path()))
        std::ofstream(checkpoint) << "no longer one";
    m_run->lookBack().show(1);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->lookBack().problem().contains("step-00000000.safetensors"), 30000);
    QVERIFY(!m_run->looksBack() && !m_run->lookBack().asked()); // the run is shown as it is
}

void TestLookBack::aRewindShowsTheRunAsItIs()
{
    m_run->want(&m_panel, kChannels);
    m_run->start(options("rewound"));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    for (int step = 1; step <= 3; ++step)
        takeStep();
    m_run->lookBack().show(2);
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    m_run->rewind();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->status().step == 0 && !m_run->looksBack(), 30000);
    QVERIFY(!m_run->lookBack().asked());
}

QTEST_GUILESS_MAIN(TestLookBack)
#include "tst_lookback.moc"
