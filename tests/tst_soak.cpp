// What the soak calls flat: figures that go up and down, but not what grows, be it slowly. The soak itself is tests/bench/soak.
#include "tests/bench/soaking/process.h"
#include "tests/bench/soaking/trend.h"

#include <QFile>
#include <QTest>

#include <random>
#include <thread>

using namespace pretext::bench;

class TestSoak : public QObject
{
    Q_OBJECT

private slots:
    void whatGrowsIsToldFromWhatGoesUpAndDown_data();
    void whatGrowsIsToldFromWhatGoesUpAndDown();
    void aLineIsItsOwnTrend();
    void handlesAndThreadsAreCounted();
};

void TestSoak::whatGrowsIsToldFromWhatGoesUpAndDown_data()
{
    QTest::addColumn<double>("growth"); // a minute
    QTest::addColumn<double>("scatter");
    QTest::addColumn<bool>("flat");
    QTest::newRow("still") << 0. << 0. << true;
    QTest::newRow("up and down") << 0. << 40. << true;
    QTest::newRow("grows") << 1. << 0. << false;
    QTest::newRow("grows beneath noise") << 1.5 << 20. << false;
    QTest::newRow("shrinks") << -1. << 5. << true;
}

void TestSoak::whatGrowsIsToldFromWhatGoesUpAndDown()
{
    QFETCH(double, growth);
    QFETCH(double, scatter);
    QFETCH(bool, flat);
    std::minstd_rand random(1);
    std::vector<double> figures;
    for (int minute = 0; minute < 60; ++minute)
        figures.push_back(500 + growth * minute + scatter * (double(random() % 1000) / 500 - 1));
    figures[17] += 900; // one large job
    QCOMPARE(isFlat(trendOf(figures), 25), flat);
}

void TestSoak::aLineIsItsOwnTrend()
{
    const Trend trend = trendOf({10, 12, 14, 16, 18});
    QCOMPARE(trend.middle, 14.);
    QCOMPARE(trend.growth, 8.);
    QCOMPARE(trend.scatter, 0.);
    QVERIFY(!isFlat(trend, 7.9));
    QVERIFY(isFlat(trend, 8));
}

void TestSoak::handlesAndThreadsAreCounted()
{
    const Holdings before = holdingsNow();
    QFile file(QStringLiteral("/proc/self/maps"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(holdingsNow().handles, before.handles + 1);
    std::atomic<bool> end = false;
    std::thread thread([&] { end.wait(false); });
    QCOMPARE(holdingsNow().threads, before.threads + 1);
    end = true;
    end.notify_all();
    thread.join();
    const std::vector<char> block(64 << 20, 1);
    QVERIFY(holdingsNow().memory > before.memory + 50 && block.back() == 1);
}

QTEST_GUILESS_MAIN(TestSoak)
#include "tst_soak.moc"
