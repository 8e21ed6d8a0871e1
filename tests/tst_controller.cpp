// The window's end of the lanes: what was asked, what took effect and when, and that nothing waits for the trainer.
#include "widgets/trainingcontroller.h"

#include "jobfixture.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

using namespace pretext;

class TestController : public QObject
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
    void costlySnapshotsComeLessOften();

private:
    void startPlaying();
    void startPaused();
    std::unique_ptr<TrainingController> m_controller;
};

void TestController::init()
{
    m_controller = std::make_unique<TrainingController>();
}
void TestController::cleanup()
{
    m_controller.reset();
}

void TestController::startPlaying()
{
    TrainerOptions options = test::shapesJob();
    options.startPaused = false;
    m_controller->start(options);
    QTRY_VERIFY_WITH_TIMEOUT(m_controller->history().size() >= 3, 30000);
}

void TestController::startPaused()
{
    m_controller->start(test::shapesJob());
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().state, TrainerState::paused, 30000);
}

void TestController::everyStepArrivesOnceInOrder()
{
    startPlaying();
    m_controller->pause();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().state, TrainerState::paused, 30000);
    const ScalarHistory &history = m_controller->history();
    QTRY_COMPARE_WITH_TIMEOUT(qint64(history.size()), qint64(m_controller->status().step), 30000);
    for (size_t i = 0; i < history.size(); ++i)
        QCOMPARE(history.steps[i], double(i + 1));
    QVERIFY(history.columns.contains("loss/total"));
    QCOMPARE(history.columns.at("loss/total").size(), history.size());
}

void TestController::aKnobIsPendingUntilItsStepIsKnown()
{
    startPaused();
    QSignalSpy acknowledged(m_controller.get(), &TrainingController::knobAcknowledged);
    m_controller->setKnob("temperature", 0.25);
    QVERIFY(m_controller->isPending("temperature"));
    QVERIFY(m_controller->runningKnobs().real("temperature") != 0.25);
    QTRY_COMPARE_WITH_TIMEOUT(acknowledged.size(), 1, 30000);
    QCOMPARE(acknowledged[0][1].toLongLong(), 1); // the first step will be the first to use it
    QVERIFY(!m_controller->isPending("temperature"));
    QCOMPARE(m_controller->runningKnobs().real("temperature"), 0.25);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, m_controller->setKnob("temperature", -1.0)); // refused here, not by the trainer
    QCOMPARE(m_controller->config().knobs.real("temperature"), 0.25);
}

void TestController::aDragIsOneUndoStep()
{
    startPaused();
    const double before = m_controller->config().knobs.real("temperature");
    for (double value : {0.3, 0.35, 0.4, 0.45})
        m_controller->setKnob("temperature", value);
    QCOMPARE(m_controller->undoStack()->count(), 1);
    m_controller->undoStack()->undo();
    QCOMPARE(m_controller->config().knobs.real("temperature"), before);
    m_controller->undoStack()->redo();
    QCOMPARE(m_controller->config().knobs.real("temperature"), 0.45);
}

void TestController::undoActsOnTheRunningJob()
{
    startPaused();
    const double before = m_controller->runningKnobs().real("temperature");
    m_controller->setKnob("temperature", 0.33);
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->runningKnobs().real("temperature"), 0.33, 30000);
    m_controller->undoStack()->undo();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->runningKnobs().real("temperature"), before, 30000);
}

/// What can be undone is held open: an afternoon of trying data sets must not keep them all.
void TestController::undoingLeadsBackToFewDataSets()
{
    startPaused();
    std::vector<std::weak_ptr<const Dataset>> asked;
    for (int i = 0; i < 8; ++i) {
        const std::shared_ptr<const Dataset> dataset = openDataset("shapes");
        asked.push_back(dataset);
        m_controller->setConfig(m_controller->config(), "data", dataset);
    }
    const auto held = [](const auto &dataset) { return !dataset.expired(); };
    QVERIFY(std::count_if(asked.begin(), asked.end(), held) <= 4);
    QVERIFY(held(asked.back()) && m_controller->undoStack()->canUndo());
    m_controller->undoStack()->undo(); // the one before is there still
    QVERIFY(held(asked[6]));

    for (int i = 0; i < 1000; ++i) { // neither do knobs add up
        RunConfig config = m_controller->config();
        config.seed = uint64_t(i);
        m_controller->setConfig(config, "seed");
    }
    QVERIFY(m_controller->undoStack()->count() <= 100);
}

void TestController::aRestartKnobWaitsWhileTheRunningValueStays()
{
    startPaused();
    RunConfig asked = m_controller->config();
    asked.batch = 16;
    m_controller->setConfig(asked, "batch = 16");
    QVERIFY(m_controller->needsRestart());
    QCOMPARE(m_controller->runningConfig().batch, 8);
    m_controller->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().step, 1, 30000);
    QCOMPARE(m_controller->runningConfig().batch, 8);
    QSignalSpy started(m_controller.get(), &TrainingController::jobStarted);
    m_controller->applyAndRestart();
    QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 30000);
    QCOMPARE(m_controller->runningConfig().batch, 16);
    QVERIFY(!m_controller->needsRestart());
    QVERIFY(m_controller->history().empty());
}

void TestController::discardingKeepsTheRunningValues()
{
    startPaused();
    RunConfig asked = m_controller->config();
    asked.seed = 77;
    m_controller->setConfig(asked, "seed = 77");
    m_controller->discardPending();
    QVERIFY(!m_controller->needsRestart());
    QCOMPARE(m_controller->config().seed, m_controller->runningConfig().seed);
}

void TestController::rewindForgetsTheCurves()
{
    startPlaying();
    QSignalSpy reset(m_controller.get(), &TrainingController::historyReset);
    m_controller->pause();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().state, TrainerState::paused, 30000);
    m_controller->rewind();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().step, 0, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(m_controller->history().empty(), 30000);
    m_controller->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->history().size(), size_t(1), 30000);
    QCOMPARE(m_controller->history().steps.front(), 1.0);
    QVERIFY(reset.size() >= 1);
}

void TestController::aReplacedJobDoesNotHoldTheWindow()
{
    startPlaying();
    m_controller->start(test::shapesJob());
    QVERIFY(!m_controller->hasJob()); // the old one is still being joined elsewhere
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().state, TrainerState::paused, 30000);
    QVERIFY(m_controller->hasJob());
}

void TestController::heavyChannelsAreMadeOnlyWhileWanted()
{
    startPaused();
    QObject panel;
    m_controller->want(&panel, {"similarity"});
    m_controller->stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(m_controller->snapshot() && m_controller->snapshot()->channel<Matrix>("similarity"), 30000);
    QCOMPARE(m_controller->snapshot()->channel<Matrix>("similarity")->rows, 16);
    QVERIFY(!m_controller->snapshot()->channel<ImageBatch>("views/pixels"));
    m_controller->want(&panel, {});
    QSignalSpy arrived(m_controller.get(), &TrainingController::snapshotReady);
    m_controller->stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_controller->status().step, 2, 30000);
    QTest::qWait(100);
    for (const auto &[name, value] : m_controller->snapshot()->channels)
        QVERIFY2(name != "similarity" || m_controller->snapshot()->step < 2, name.c_str());
}

void TestController::nothingPollsWhilePaused()
{
    startPaused();
    QTest::qWait(200);
    QSignalSpy changed(m_controller.get(), &TrainingController::statusChanged);
    QTest::qWait(300);
    QCOMPARE(changed.size(), 0);
}

void TestController::costlySnapshotsComeLessOften()
{
    QCOMPARE(snapshotInterval(0.001, 2), 0.2);
    QVERIFY(qFuzzyCompare(snapshotInterval(0.009, 2), 0.3)); // a part in 67 of two threads
    QCOMPARE(snapshotInterval(0.009, 8), 0.2);               // more threads carry it
    QCOMPARE(snapshotInterval(10, 2), 0.5);                  // it still looks alive
}

QTEST_GUILESS_MAIN(TestController)
#include "tst_controller.moc"
