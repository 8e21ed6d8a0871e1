// Two trainers in lock-step: each takes a step before the other takes its next, they stand at the same step whenever they rest, and whoever is paused,
// has ended or is gone does not hold the other up.
#include "core/engine/job.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/engine/turns.h"

#include "jobfixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

using namespace pretext;

namespace {

std::unique_ptr<Job> jobOf(TrainerOptions options)
{
    options.profiling = Profiling::off;
    return std::make_unique<Job>(std::move(options), std::make_unique<Lanes>());
}

Status statusOf(Job &job)
{
    return job.lanes().status.latest();
}

/// Two that rest before their first step, and take turns.
struct Two
{
    std::shared_ptr<Turns> turns = std::make_shared<Turns>(2);
    std::unique_ptr<Job> jobs[2];

    explicit Two(int64_t steps = 0)
    {
        for (int place = 0; place < 2; ++place) {
            TrainerOptions options = test::shapesJob();
            options.config.steps = steps;
            options.config.seed = uint64_t(place);
            jobs[place] = jobOf(options);
            jobs[place]->lanes().commands.post(TakeTurns{turns, place});
        }
    }
    bool both(TrainerState state) { return statusOf(*jobs[0]).state == state && statusOf(*jobs[1]).state == state; }
    int64_t step(int place) { return statusOf(*jobs[place]).step; }
    void tell(const Command &command, std::vector<int> places = {0, 1})
    {
        if (!std::holds_alternative<Pause>(command))
            turns->expect(places);
        else if (places.size() == 2)
            turns->endRound();
        for (const int place : places)
            jobs[place]->lanes().commands.post(command);
    }
};

} // namespace

class TestTurns : public QObject
{
    Q_OBJECT

private slots:
    void eachStepsBeforeTheOtherStepsAgain();
    void theyRestAtTheSameStep();
    void theyRestAtTheSameStepHoweverLateTheirPausesCome();
    void whoIsToGoOnAndRestsInsteadTakesNoStep();
    void whoPausesAloneDoesNotHoldTheOtherUp();
    void whoIsYetToTakeItsPlaceIsWaitedFor();
    void whoEndsOrIsGoneDoesNotHoldTheOtherUp();
    void whoIsStoppedWhileItWaitsGoesAtOnce();
    void aPairOfForksTakesTheStepsOfTwoThatWereAlone();
    void snapshotsAreOfTheSameSteps();
};

void TestTurns::eachStepsBeforeTheOtherStepsAgain()
{
    auto turns = std::make_shared<Turns>(2);
    std::mutex mutex;
    std::vector<int> order;
    std::vector<std::jthread> threads;
    std::atomic<int> there = 0;
    std::atomic<bool> expected = false;
    for (int place = 0; place < 2; ++place)
        threads.emplace_back([&, place](std::stop_token stop) {
            Turn turn(turns, place);
            ++there;
            while (!expected)
                std::this_thread::yield();
            turn.play();
            for (int step = 0; step < 200 && turn.wait(stop); ++step) {
                {
                    std::lock_guard lock(mutex);
                    order.push_back(place);
                }
                turn.pass();
            }
        });
    while (there < 2)
        std::this_thread::yield();
    turns->expect({0, 1});
    expected = true;
    for (std::jthread &thread : threads)
        thread.join();
    QCOMPARE(order.size(), size_t(400));
    for (size_t i = 0; i < order.size(); ++i)
        QCOMPARE(order[i], int(i % 2)); // whoever came first
}

void TestTurns::theyRestAtTheSameStep()
{
    Two two;
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
    for (int round = 0; round < 12; ++round) {
        const int64_t before = two.step(0);
        two.tell(Play{});
        QTRY_VERIFY_WITH_TIMEOUT(two.step(0) > before, 30000);
        std::this_thread::sleep_for(std::chrono::microseconds(700 * round)); // at any moment of a step
        two.tell(Pause{});
        QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
        QCOMPARE(two.step(0), two.step(1));
    }
    const int64_t before = two.step(0);
    two.tell(StepOnce{});
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused) && two.step(0) == before + 1 && two.step(1) == before + 1, 30000);
}

/// The window tells one after the other, and may be held up between the two.
void TestTurns::theyRestAtTheSameStepHoweverLateTheirPausesCome()
{
    Two two;
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
    for (int round = 0; round < 8; ++round) {
        const int64_t before = two.step(0);
        two.tell(Play{});
        QTRY_VERIFY_WITH_TIMEOUT(two.step(0) > before, 30000);
        std::this_thread::sleep_for(std::chrono::microseconds(900 * round));
        two.turns->endRound();
        if (round % 2)
            two.jobs[0]->lanes().commands.post(Pause{});
        QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
        const int64_t at = two.step(0);
        QCOMPARE(two.step(1), at);
        two.jobs[1]->lanes().commands.post(Pause{}); // it has long come to rest
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        QVERIFY(two.both(TrainerState::paused) && two.step(0) == at && two.step(1) == at);
    }
}

void TestTurns::whoIsToGoOnAndRestsInsteadTakesNoStep()
{
    auto turns = std::make_shared<Turns>(2);
    Turn first(turns, 0), second(turns, 1);
    turns->expect({0, 1});
    first.play();
    turns->endRound();
    second.play();
    QVERIFY(first.wait({}) && second.wait({}));
    QVERIFY(first.isOver() && second.isOver() && !first.isMine() && !second.isMine());
    first.rest();
    second.rest();
    turns->expect({0, 1});
    first.play();
    second.play();
    QVERIFY(first.wait({}) && first.isMine() && !first.isOver());
    turns->endRound(); // in the middle of its step, which the second is yet to take
    QVERIFY(second.owes() && first.owes());
    first.pass();
    QVERIFY(first.isOver() && second.wait({}) && second.isMine());
    second.pass();
    QVERIFY(second.isOver());
}

void TestTurns::whoPausesAloneDoesNotHoldTheOtherUp()
{
    Two two;
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
    two.tell(Play{});
    QTRY_VERIFY_WITH_TIMEOUT(two.step(0) > 2, 30000);
    two.tell(Pause{}, {0});
    QTRY_COMPARE_WITH_TIMEOUT(statusOf(*two.jobs[0]).state, TrainerState::paused, 30000);
    const int64_t at = two.step(0);
    QTRY_VERIFY_WITH_TIMEOUT(two.step(1) > at + 5, 30000);
    QCOMPARE(two.step(0), at);
    two.tell(Play{}, {0}); // and goes on with it, one step each, from where each is
    QTRY_VERIFY_WITH_TIMEOUT(two.step(0) > at + 3, 30000);
    two.tell(Pause{});
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
}

/// Told to go on before it has read that it takes turns.
void TestTurns::whoIsYetToTakeItsPlaceIsWaitedFor()
{
    auto turns = std::make_shared<Turns>(2);
    Turn first(turns, 0);
    turns->expect({0, 1});
    first.play();
    std::atomic<bool> stepped = false;
    std::jthread other([&](std::stop_token stop) {
        if (first.wait(stop))
            stepped = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    QVERIFY(!stepped);
    {
        Turn late(turns, 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        QVERIFY(!stepped); // it has yet to read that it goes on
        late.play();
        QTRY_VERIFY(stepped);
    }
}

void TestTurns::whoEndsOrIsGoneDoesNotHoldTheOtherUp()
{
    Two two(6);
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
    two.tell(Play{});
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::ended), 30000);
    two.tell(Extend{4, ScheduleChange::hold});
    QTRY_VERIFY_WITH_TIMEOUT(two.step(0) == 10 && two.step(1) == 10 && two.both(TrainerState::ended), 30000);
    two.tell(Play{}); // nothing is left for either
    two.tell(Extend{1000000, ScheduleChange::hold}, {1});
    QTRY_VERIFY_WITH_TIMEOUT(two.step(1) > 12, 30000);
    two.tell(Extend{1000000, ScheduleChange::hold}, {0});
    QTRY_VERIFY_WITH_TIMEOUT(two.step(0) > 12, 30000);
    two.jobs[0].reset(); // in the middle of its step, or while it waits
    const int64_t at = two.step(1);
    QTRY_VERIFY_WITH_TIMEOUT(two.step(1) > at + 5, 30000);
}

void TestTurns::whoIsStoppedWhileItWaitsGoesAtOnce()
{
    auto turns = std::make_shared<Turns>(2);
    Turn busy(turns, 0);
    busy.play();
    QVERIFY(busy.wait({}));
    std::atomic<bool> waited = false, turnCame = true;
    std::jthread other([&](std::stop_token stop) {
        Turn turn(turns, 1);
        turn.play();
        waited = true;
        turnCame = turn.wait(stop);
    });
    QTRY_VERIFY(waited);
    other.request_stop();
    other.join();
    QVERIFY(!turnCame);
    busy.pass();
    QVERIFY(busy.wait({})); // it is gone
}

/// A fork and its parent, a knob turned in one of them: the rows of both are those that each takes alone.
void TestTurns::aPairOfForksTakesTheStepsOfTwoThatWereAlone()
{
    QTemporaryDir folder;
    const std::filesystem::path parent = folder.filePath("parent").toStdString();
    const auto wait = [](Job &job, int64_t step) {
        for (int i = 0; i < 3000 && !(statusOf(job).step >= step && statusOf(job).state == TrainerState::ended); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return statusOf(job).step == step;
    };
    {
        TrainerOptions options = test::shapesJob(parent);
        options.config.steps = 20;
        options.startPaused = false;
        const auto job = jobOf(options);
        QVERIFY(wait(*job, 20));
    }
    const auto forked = [&](const char *name, double temperature) {
        TrainerOptions options = forkOf(parent, 12).options;
        options.dataset = openDataset("shapes");
        options.out = folder.filePath(name).toStdString();
        options.knobs = {{"temperature", temperature}};
        options.loaderAhead = 0;
        return options;
    };
    const auto rowsOf = [&](const char *name) {
        MetricsTable table = readMetrics(std::filesystem::path(folder.filePath(name).toStdString()) / "metrics.csv");
        for (std::vector<double> &row : table.rows)
            row[1] = 0; // the seconds
        return table.rows;
    };
    for (const auto &[name, temperature] : {std::pair("alone0", 0.1), {"alone1", 0.5}}) {
        const auto job = jobOf(forked(name, temperature));
        QVERIFY(wait(*job, 20));
    }
    auto turns = std::make_shared<Turns>(2);
    std::unique_ptr<Job> jobs[2];
    for (const auto &[place, name, temperature] : {std::tuple(0, "pair0", 0.1), {1, "pair1", 0.5}}) {
        TrainerOptions options = forked(name, temperature);
        options.startPaused = true;
        jobs[place] = jobOf(options);
        jobs[place]->lanes().commands.post(TakeTurns{turns, place});
    }
    for (const auto &job : jobs)
        QTRY_COMPARE_WITH_TIMEOUT(statusOf(*job).state, TrainerState::paused, 30000);
    turns->expect({0, 1});
    for (const auto &job : jobs)
        job->lanes().commands.post(Play{});
    for (const auto &job : jobs)
        QVERIFY(wait(*job, 20));
    QCOMPARE(rowsOf("pair0"), rowsOf("alone0"));
    QCOMPARE(rowsOf("pair1"), rowsOf("alone1"));
    QCOMPARE(rowsOf("pair0").size(), size_t(8));
    QVERIFY(rowsOf("pair0") != rowsOf("pair1"));
}

void TestTurns::snapshotsAreOfTheSameSteps()
{
    Two two;
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
    for (const auto &job : two.jobs) {
        job->lanes().wanted.set({"views/pixels"});
        job->lanes().snapshotSeconds = 0.02;
        job->lanes().snapshots.takeFresh();
    }
    two.tell(Play{});
    int compared = 0;
    for (int i = 0; i < 400 && compared < 5; ++i) {
        SnapshotPtr left, right;
        for (int wait = 0; wait < 1000 && !left; ++wait, std::this_thread::sleep_for(std::chrono::milliseconds(1)))
            left = two.jobs[0]->lanes().snapshots.takeFresh().value_or(nullptr);
        QVERIFY(left);
        for (int wait = 0; wait < 1000 && (!right || right->step < left->step); ++wait, std::this_thread::sleep_for(std::chrono::milliseconds(1)))
            if (auto fresh = two.jobs[1]->lanes().snapshots.takeFresh())
                right = *fresh;
        QVERIFY(right);
        const bool late = right->step > left->step; // the window looked away meanwhile
        if (!late) {
            QCOMPARE(right->step, left->step);
            ++compared;
        }
    }
    QVERIFY(compared >= 5);
    two.tell(Pause{});
    QTRY_VERIFY_WITH_TIMEOUT(two.both(TrainerState::paused), 30000);
}

QTEST_GUILESS_MAIN(TestTurns)
#include "tst_turns.moc"
