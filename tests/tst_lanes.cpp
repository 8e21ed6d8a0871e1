// The lanes between trainer and listeners: nothing lost in the log, newest wins in a slot, a newer command replaces an older of its key.
#include "core/engine/lanes.h"

#include <QTest>

#include <thread>

using namespace pretext;

class TestLanes : public QObject
{
    Q_OBJECT
private slots:
    void logKeepsEveryRowInOrder();
    void slotGivesTheNewestOnce();
    void newerValueOfAKnobReplacesTheOlder();
    void differentKnobsAreKeptInOrder();
    void theNewestOfPlayPauseAndStepCounts();
    void stepsAndExtensionsAddUp();
    void waitReturnsOnACommand();
    void waitReturnsOnStop();
    void wantedIsTheLatestSet();
};

void TestLanes::logKeepsEveryRowInOrder()
{
    Log log;
    constexpr int kRows = 20000;
    std::jthread writer([&] {
        for (int i = 0; i < kRows; ++i)
            log.append(ScalarRow{i, 0, {{"loss/total", i}}});
    });
    int64_t expected = 0;
    while (expected < kRows)
        for (const ScalarRow &row : log.drain().rows)
            QCOMPARE(row.step, expected++);
    writer.join();
    QVERIFY(log.drain().rows.empty());
}

void TestLanes::slotGivesTheNewestOnce()
{
    Slot<int> slot;
    QVERIFY(!slot.takeFresh());
    slot.put(1);
    slot.put(2);
    QCOMPARE(slot.takeFresh(), std::optional(2));
    QVERIFY(!slot.takeFresh());
    QCOMPARE(slot.latest(), 2);
}

void TestLanes::newerValueOfAKnobReplacesTheOlder()
{
    CommandQueue queue;
    for (double value : {0.1, 0.2, 0.3})
        queue.post(SetKnob{"temperature", value});
    const auto taken = queue.takeAll();
    QCOMPARE(taken.size(), size_t(1));
    QCOMPARE(std::get<double>(std::get<SetKnob>(taken[0]).value), 0.3);
    QVERIFY(queue.takeAll().empty());
}

void TestLanes::differentKnobsAreKeptInOrder()
{
    CommandQueue queue;
    queue.post(SetKnob{"temperature", 0.1});
    queue.post(SetKnob{"learning_rate", 0.2});
    queue.post(Rewind{});
    const auto taken = queue.takeAll();
    QCOMPARE(taken.size(), size_t(3));
    QCOMPARE(std::get<SetKnob>(taken[0]).name, std::string("temperature"));
    QCOMPARE(std::get<SetKnob>(taken[1]).name, std::string("learning_rate"));
    QVERIFY(std::holds_alternative<Rewind>(taken[2]));
}

void TestLanes::theNewestOfPlayPauseAndStepCounts()
{
    CommandQueue queue;
    queue.post(Play{});
    queue.post(StepOnce{});
    queue.post(Pause{});
    const auto taken = queue.takeAll();
    QCOMPARE(taken.size(), size_t(1));
    QVERIFY(std::holds_alternative<Pause>(taken[0]));
}

void TestLanes::stepsAndExtensionsAddUp()
{
    CommandQueue queue;
    queue.post(StepOnce{});
    queue.post(Extend{100});
    queue.post(StepOnce{2});
    queue.post(Extend{50});
    const auto taken = queue.takeAll();
    QCOMPARE(taken.size(), size_t(2));
    QCOMPARE(std::get<StepOnce>(taken[0]).count, int64_t(3));
    QCOMPARE(std::get<Extend>(taken[1]).steps, int64_t(150));
}

void TestLanes::waitReturnsOnACommand()
{
    CommandQueue queue;
    std::jthread poster([&] { queue.post(Play{}); });
    QCOMPARE(queue.waitAndTakeAll({}).size(), size_t(1));
}

void TestLanes::waitReturnsOnStop()
{
    CommandQueue queue;
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    QVERIFY(queue.waitAndTakeAll(stop.get_token()).empty());
}

void TestLanes::wantedIsTheLatestSet()
{
    Wanted wanted;
    QVERIFY(!wanted.any());
    wanted.set({"similarity", "embeddings"});
    QVERIFY(wanted.wants("similarity"));
    wanted.set({"views/pixels"});
    QVERIFY(!wanted.wants("similarity"));
    QVERIFY(wanted.wants("views/pixels"));
}

QTEST_APPLESS_MAIN(TestLanes)
#include "tst_lanes.moc"
