// Runs as the window has them: what was asked, what took effect and when, that nothing waits for the trainer, and that two do not disturb each other.
#include "widgets/workbench.h"

#include "jobfixture.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

using namespace pretext;

class TestWorkbench : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void everyStepArrivesOnceInOrder();
    void aKnobIsPendingUntilItsStepIsKnown();
    void aDragIsOneUndoStep();
    void undoActsOnTheRunningJob();
    void undoingLeadsBackToFewDataSets();
    void aRestartKnobWaitsWhileTheRunningValueStays();
    void discardingKeepsTheRunningValues();
    void rewindForgetsTheCurves();
    void aReplacedJobDoesNotHoldTheWindow();
    void heavyChannelsAreMadeOnlyWhileWanted();
    void nothingPollsWhilePaused();
    void twoRunsAreApart();
    void checkpointsTakeNothingFromTheHistory();
    void costlySnapshotsComeLessOften();

private:
    void startPlaying();
    void startPaused();
    std::unique_ptr<Workbench> m_workbench;
    Run *m_run = nullptr;
    Request *m_request = nullptr;
};

void TestWorkbench::init()
{
    m_workbench = std::make_unique<Workbench>();
    m_run = m_workbench->add();
    m_request = m_workbench->requestOf(m_run);
}
void TestWorkbench::cleanup()
{
    m_workbench.reset();
}

void TestWorkbench::startPlaying()
{
    TrainerOptions options = test::shapesJob();
    options.startPaused = false;
    m_run->start(options);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->history().size() >= 3, 30000);
}

void TestWorkbench::startPaused()
{
    m_run->start(test::shapesJob());
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
}

void TestWorkbench::everyStepArrivesOnceInOrder()
{
    startPlaying();
    m_run->pause();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    const ScalarHistory &history = m_run->history();
    QTRY_COMPARE_WITH_TIMEOUT(qint64(history.size()), qint64(m_run->status().step), 30000);
    for (size_t i = 0; i < history.size(); ++i)
        QCOMPARE(history.steps[i], double(i + 1));
    QVERIFY(history.columns.contains("loss/total"));
    QCOMPARE(history.columns.at("loss/total").size(), history.size());
}

void TestWorkbench::aKnobIsPendingUntilItsStepIsKnown()
{
    startPaused();
    QSignalSpy acknowledged(m_run, &Run::knobAcknowledged);
    m_request->setKnob("temperature", 0.25);
    QVERIFY(m_request->isPending("temperature"));
    QVERIFY(m_run->config().knobs.real("temperature") != 0.25);
    QTRY_COMPARE_WITH_TIMEOUT(acknowledged.size(), 1, 30000);
    QCOMPARE(acknowledged[0][1].toLongLong(), 1); // the first step will be the first to use it
    QVERIFY(!m_request->isPending("temperature"));
    QCOMPARE(m_run->config().knobs.real("temperature"), 0.25);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, m_request->setKnob("temperature", -1.0)); // refused here, not by the trainer
    QCOMPARE(m_request->config().knobs.real("temperature"), 0.25);
}

void TestWorkbench::aDragIsOneUndoStep()
{
    startPaused();
    const double before = m_request->config().knobs.real("temperature");
    for (double value : {0.3, 0.35, 0.4, 0.45})
        m_request->setKnob("temperature", value);
    QCOMPARE(m_request->undoStack()->count(), 1);
    m_request->undoStack()->undo();
    QCOMPARE(m_request->config().knobs.real("temperature"), before);
    m_request->undoStack()->redo();
    QCOMPARE(m_request->config().knobs.real("temperature"), 0.45);
}

void TestWorkbench::undoActsOnTheRunningJob()
{
    startPaused();
    const double before = m_run->config().knobs.real("temperature");
    m_request->setKnob("temperature", 0.33);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->config().knobs.real("temperature"), 0.33, 30000);
    m_request->undoStack()->undo();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->config().knobs.real("temperature"), before, 30000);
}

/// What can be undone is held open: an afternoon of trying data sets must not keep them all.
void TestWorkbench::undoingLeadsBackToFewDataSets()
{
    startPaused();
    std::vector<std::weak_ptr<const Dataset>> asked;
    for (int i = 0; i < 8; ++i) {
        const std::shared_ptr<const Dataset> dataset = openDataset("shapes");
        asked.push_back(dataset);
        m_request->setConfig(m_request->config(), "data", dataset);
    }
    const auto held = [](const auto &dataset) { return !dataset.expired(); };
    QVERIFY(std::count_if(asked.begin(), asked.end(), held) <= 4);
    QVERIFY(held(asked.back()) && m_request->undoStack()->canUndo());
    m_request->undoStack()->undo(); // the one before is there still
    QVERIFY(held(asked[6]));

    for (int i = 0; i < 1000; ++i) { // neither do knobs add up
        RunConfig config = m_request->config();
        config.seed = uint64_t(i);
        m_request->setConfig(config, "seed");
    }
    QVERIFY(m_request->undoStack()->count() <= 100);
}

void TestWorkbench::aRestartKnobWaitsWhileTheRunningValueStays()
{
    startPaused();
    RunConfig asked = m_request->config();
    asked.batch = 16;
    m_request->setConfig(asked, "batch = 16");
    QVERIFY(m_request->needsRestart());
    QCOMPARE(m_run->config().batch, 8);
    m_run->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().step, 1, 30000);
    QCOMPARE(m_run->config().batch, 8);
    QSignalSpy started(m_run, &Run::jobStarted);
    m_request->applyAndRestart();
    QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 30000);
    QCOMPARE(m_run->config().batch, 16);
    QVERIFY(!m_request->needsRestart());
    QVERIFY(m_run->history().empty());
}

void TestWorkbench::discardingKeepsTheRunningValues()
{
    startPaused();
    RunConfig asked = m_request->config();
    asked.seed = 77;
    m_request->setConfig(asked, "seed = 77");
    m_request->discardPending();
    QVERIFY(!m_request->needsRestart());
    QCOMPARE(m_request->config().seed, m_run->config().seed);
}

void TestWorkbench::rewindForgetsTheCurves()
{
    startPlaying();
    QSignalSpy reset(m_run, &Run::historyReset);
    m_run->pause();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    m_run->rewind();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().step, 0, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->history().empty(), 30000);
    m_run->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->history().size(), size_t(1), 30000);
    QCOMPARE(m_run->history().steps.front(), 1.0);
    QVERIFY(reset.size() >= 1);
}

void TestWorkbench::aReplacedJobDoesNotHoldTheWindow()
{
    startPlaying();
    m_run->start(test::shapesJob());
    QVERIFY(!m_run->hasJob()); // the old one is still being joined elsewhere
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    QVERIFY(m_run->hasJob());
}

void TestWorkbench::heavyChannelsAreMadeOnlyWhileWanted()
{
    startPaused();
    QObject panel;
    m_run->want(&panel, {"similarity"});
    m_run->stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->snapshot() && m_run->snapshot()->channel<Matrix>("similarity"), 30000);
    QCOMPARE(m_run->snapshot()->channel<Matrix>("similarity")->rows, 16);
    QVERIFY(!m_run->snapshot()->channel<ImageBatch>("views/pixels"));
    m_run->want(&panel, {});
    QSignalSpy arrived(m_run, &Run::snapshotReady);
    m_run->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().step, 2, 30000);
    QTest::qWait(100);
    for (const auto &[name, value] : m_run->snapshot()->channels)
        QVERIFY2(name != "similarity" || m_run->snapshot()->step < 2, name.c_str());
}

void TestWorkbench::nothingPollsWhilePaused()
{
    startPaused();
    QTest::qWait(200);
    QSignalSpy changed(m_run, &Run::statusChanged);
    QTest::qWait(300);
    QCOMPARE(changed.size(), 0);
}

void TestWorkbench::twoRunsAreApart()
{
    startPlaying();
    Run *other = m_workbench->add();
    QCOMPARE(m_workbench->current(), m_run);
    TrainerOptions options = test::shapesJob();
    options.config.seed = 2;
    other->start(options);
    QTRY_COMPARE_WITH_TIMEOUT(other->status().state, TrainerState::paused, 30000);
    m_workbench->requestOf(other)->setKnob("temperature", 0.25);
    for (int step = 1; step <= 3; ++step) {
        other->stepOnce();
        QTRY_COMPARE_WITH_TIMEOUT(qint64(other->history().size()), step, 30000);
    }
    QCOMPARE(other->config().knobs.real("temperature"), 0.25);
    QVERIFY(m_request->config().knobs.real("temperature") != 0.25 && m_run->config().knobs.real("temperature") != 0.25);
    QVERIFY(m_run->status().state == TrainerState::playing); // meanwhile
    m_run->stop();
    QVERIFY(!m_run->hasJob() && other->hasJob());
    for (int i = 0; i < 3; ++i) // of two seeds
        QVERIFY(m_run->history().columns.at("loss/total")[i] != other->history().columns.at("loss/total")[i]);
    QCOMPARE(m_request->undoStack()->count(), 0);
    QCOMPARE(m_workbench->requestOf(other)->undoStack()->count(), 1);
}

/// Between a step's row and its status there may be a checkpoint, which takes a while.
void TestWorkbench::checkpointsTakeNothingFromTheHistory()
{
    const QTemporaryDir folder;
    TrainerOptions options = test::shapesJob();
    options.out = folder.filePath("run").toStdString();
    options.checkpointSeconds = 1e-9; // at every step
    options.config.steps = 60;
    m_run->start(options);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
    const QSignalSpy resets(m_run, &Run::historyReset);
    m_run->play();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::ended, 60000);
    QCOMPARE(resets.count(), 0);
    QCOMPARE(m_run->history().size(), size_t(60));
}

void TestWorkbench::costlySnapshotsComeLessOften()
{
    QCOMPARE(snapshotInterval(0.001, 2), 0.2);
    QVERIFY(qFuzzyCompare(snapshotInterval(0.009, 2), 0.375)); // a part in 83 of two threads
    QCOMPARE(snapshotInterval(0.009, 8), 0.2);                 // more threads carry it
    QCOMPARE(snapshotInterval(10, 2), 0.5);                    // it still looks alive
}

QTEST_GUILESS_MAIN(TestWorkbench)
#include "tst_workbench.moc"
