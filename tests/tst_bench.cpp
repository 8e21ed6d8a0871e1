// The benchmark's parts: rows that can be stepped, two processes that take turns by the words they speak, and what is made of their times.
#include "core/bench/comparison.h"
#include "core/bench/contestant.h"
#include "core/bench/peak.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>
#include <sstream>

using namespace pretext::bench;

namespace {

/// A side whose steps take as long as its argument of this name says: "SCRIPT f32=8 bf16=4".
constexpr const char *kSide = R"(#!/bin/sh
time=3
for word in "$@"; do [ "$word" = bf16 ] && time=4; [ "$word" = f32 ] && time=8; done
echo noise >&2
echo ready
while read count; do
    line=
    for i in $(seq "$count"); do line="$line $time.5"; done
    echo $line
done
echo peak 2048 >&2
)";

struct Once : Work
{
    std::vector<double> steps(int count) override { return std::vector<double>(size_t(count), 1.25); }
};

Row onceRow()
{
    return {.name = "once", .help = "", .flop = 1e9, .steps = 3, .make = [](const Row &) -> std::unique_ptr<Work> { return std::make_unique<Once>(); }};
}

QString failureOf(const std::string &command)
{
    try {
        Contestant contestant(command);
        contestant.steps(2);
    } catch (const std::runtime_error &error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestBench : public QObject
{
    Q_OBJECT
private slots:
    void rowsHaveNamesOfTheirOwn();
    void workIsCountedAsPublished();
    void aRowOfEachFamilySteps_data();
    void aRowOfEachFamilySteps();
    void aRowIsServed();
    void aSideThatFailsSaysWhy();
    void sidesTakeTurns();
    void withoutTheOtherSideOursIsLeft();
    void medians();
    void thePeakIsMeasured();
};

void TestBench::rowsHaveNamesOfTheirOwn()
{
    std::set<std::string> names;
    for (const Row &row : rows()) {
        QVERIFY(names.insert(row.name).second);
        QVERIFY(!row.help.empty() && row.steps > 0);
    }
    QCOMPARE(rowNamed("simclr-32").size, 32);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, rowNamed("simclr-33"));
}

void TestBench::workIsCountedAsPublished()
{
    const auto near = [](const char *name, double gflop) { return std::abs(rowNamed(name).flop / 1e9 - gflop) < 0.03 * gflop; };
    QVERIFY(near("simclr-16", 28));
    QVERIFY(near("simclr-32", 112));
    QVERIFY(near("mlm-256", 81));
    QVERIFY(near("mlm-128", 21));
    QCOMPARE(rowNamed("views").flop, 0.);
}

void TestBench::aRowOfEachFamilySteps_data()
{
    QTest::addColumn<std::string>("name");
    for (const char *name : {"simclr-16", "mlm-128", "mlm-128-dropout", "ntxent-512", "attention-64", "views", "epoch"})
        QTest::newRow(name) << std::string(name);
}

void TestBench::aRowOfEachFamilySteps()
{
    QFETCH(std::string, name);
    const Row &row = rowNamed(name);
    const std::vector<double> times = row.make(row)->steps(2);
    QCOMPARE(times.size(), size_t(2));
    for (double time : times)
        QVERIFY(time > 0);
}

void TestBench::aRowIsServed()
{
    std::istringstream in("2\n1\n");
    std::ostringstream out, errors;
    serve(onceRow(), in, out, errors);
    QCOMPARE(QString::fromStdString(out.str()).simplified(), QString("ready 1.25 1.25 1.25"));
    QVERIFY(errors.str().starts_with("peak ") && errors.str() != "peak 0\n");
}

void TestBench::aSideThatFailsSaysWhy()
{
    QVERIFY(failureOf("echo 'No module named torch' >&2; exit 1").endsWith("ended before it answered; No module named torch"));
    QVERIFY(failureOf("echo hello").contains("said 'hello' instead of 'ready'"));
    QVERIFY(failureOf("echo ready; read n; echo 1.0; sleep 100").contains("gave 1 times for 2 steps"));
    QVERIFY(!failureOf("echo ready; exit 0").isEmpty());
}

void TestBench::sidesTakeTurns()
{
    QTemporaryDir folder;
    const std::string script = folder.filePath("side").toStdString();
    std::ofstream(script) << kSide;
    const Comparison result = compare(onceRow(), {"sh " + script, "sh " + script, 1}, 2);
    QCOMPARE(result.ours.times, std::vector<double>(6, 3.5));
    QCOMPARE(result.ours.peakBytes, 2048. * 1024);
    QCOMPARE(result.others.size(), size_t(2));
    QCOMPARE(result.others[0].median, 8.5);
    QVERIFY(result.best());
    QCOMPARE(result.best()->name, std::string("bf16"));
    QCOMPARE(result.best()->median, 4.5);
}

void TestBench::withoutTheOtherSideOursIsLeft()
{
    QTemporaryDir folder;
    const std::string script = folder.filePath("side").toStdString();
    std::ofstream(script) << kSide;
    const Comparison alone = compare(onceRow(), {"sh " + script, "", 1}, 1), failed = compare(onceRow(), {"sh " + script, "false", 1}, 1);
    QVERIFY(alone.others.empty() && !alone.best());
    QCOMPARE(failed.ours.median, 3.5);
    QVERIFY(!failed.best() && !failed.others.front().failure.empty());
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, compare(onceRow(), {"false", "", 1}, 1));
}

void TestBench::medians()
{
    QCOMPARE(median({}), 0.);
    QCOMPARE(median({3, 1, 2}), 2.);
    QCOMPARE(median({4, 1, 2, 3}), 2.5);
}

void TestBench::thePeakIsMeasured()
{
    const Peak peak = measurePeak(1);
    QVERIFY(peak.gflops > 0.1);
    QVERIFY(!peak.instructions.empty());
}

QTEST_GUILESS_MAIN(TestBench)
#include "tst_bench.moc"
