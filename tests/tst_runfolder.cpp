// A run on disk: rows as they were, nothing overwritten, and what a crash or a resume leaves.
#include "core/engine/model.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "tests/toydata.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>

#include <sys/resource.h>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

std::string textOf(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path &path, const std::string &text)
{
    std::ofstream(path, std::ios::binary) << text;
}

ScalarRow rowOf(int64_t step, double loss)
{
    return {step, 0.5 * double(step), {{"loss/total", loss}, {"learning_rate", 0.1}}};
}

/// What was thrown, or nothing.
std::string refusal(auto action)
{
    try {
        action();
    } catch (const std::exception &error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestRunFolder : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_run = fs::path(m_temporary->path().toStdString()) / "run";
    }
    void numbersReadBackTheSame();
    void eventsReadBackTheSame();
    void aFolderThatIsNotEmptyIsRefused();
    void aFileInThePlaceOfTheFolderIsRefused();
    void resumeMovesRowsPastTheCheckpoint();
    void resumeRepairsWhatACrashCutShort();
    void resumeMovesWhatIsNoRowAndNoEvent();
    void metricsWithoutTheirHeaderAreMovedToo();
    void anotherChannelIsRefused();
    void aResumedRunKeepsItsColumns();
    void damagedMetricsNameFileAndLine_data();
    void damagedMetricsNameFileAndLine();
    void pruningKeepsTheFirstTheNewestAndTheBest();
    void pruningSpreadsWhatStaysOverTheRun();
    void aFullDiskIsOneLine();

private:
    std::vector<int64_t> keptOf(const std::vector<double> &losses, int64_t room);

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_run;
};

void TestRunFolder::numbersReadBackTheSame()
{
    const std::vector<double> losses = {0.1, 1. / 3, 1e-300, 123456789.123456789, std::nextafter(1., 2.)};
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(5));
        for (size_t i = 0; i < losses.size(); ++i)
            run.append(rowOf(int64_t(i) + 1, losses[i]));
    }
    QVERIFY(textOf(m_run / "metrics.csv").starts_with("step,seconds,loss/total,learning_rate\n1,0.5,0.1,0.1\n"));
    const MetricsTable table = readMetrics(m_run / "metrics.csv");
    QCOMPARE(table.rows.size(), losses.size());
    for (size_t i = 0; i < losses.size(); ++i)
        QVERIFY(table.rows[i][2] == losses[i]);
}

void TestRunFolder::eventsReadBackTheSame()
{
    const Event event{7, "knob", "temperature", "0.2", "0.1", "a \"quoted\" line\nand another"};
    RunFolder::create(m_run, toyConfig(5)).append(event);
    const std::vector<Event> events = readEvents(m_run / "events.jsonl");
    QCOMPARE(events.size(), size_t(1));
    QCOMPARE(events[0].step, event.step);
    QCOMPARE(events[0].before, event.before);
    QCOMPARE(events[0].after, event.after);
    QCOMPARE(events[0].message, event.message);
}

void TestRunFolder::aFolderThatIsNotEmptyIsRefused()
{
    fs::create_directories(m_run);
    write(m_run / "metrics.csv", "precious");
    const std::string said = refusal([&] { RunFolder::create(m_run, toyConfig(5)); });
    QVERIFY2(said.starts_with(m_run.string() + ": exists and is not empty"), said.c_str());
    QCOMPARE(textOf(m_run / "metrics.csv"), std::string("precious"));
    QVERIFY(!fs::exists(m_run / "config.json"));
}

void TestRunFolder::aFileInThePlaceOfTheFolderIsRefused()
{
    write(m_run, "precious");
    const std::string said = refusal([&] { RunFolder::create(m_run, toyConfig(5)); });
    QVERIFY2(said.find("is a file") != std::string::npos, said.c_str());
    QCOMPARE(textOf(m_run), std::string("precious"));
}

void TestRunFolder::resumeMovesRowsPastTheCheckpoint()
{
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(9));
        for (int step = 1; step <= 6; ++step)
            run.append(rowOf(step, step));
    }
    write(m_run / "checkpoints" / "step-00000006.safetensors", "later");
    {
        RunFolder run = RunFolder::resume(m_run, 4);
        QCOMPARE(run.seconds(), 2.);
        run.append(rowOf(5, 50));
    }
    const MetricsTable kept = readMetrics(m_run / "metrics.csv"), lost = readMetrics(m_run / "metrics.lost.csv");
    QCOMPARE(kept.rows.size(), size_t(5));
    QCOMPARE(kept.rows[4][2], 50.);
    QCOMPARE(lost.rows.size(), size_t(2));
    QCOMPARE(lost.rows[0][2], 5.);
    QCOMPARE(textOf(m_run / "checkpoints" / "lost" / "step-00000006.safetensors"), std::string("later"));

    RunFolder::resume(m_run, 3); // once more: what was lost before stays
    QCOMPARE(readMetrics(m_run / "metrics.lost.csv").rows.size(), size_t(4));
}

void TestRunFolder::resumeRepairsWhatACrashCutShort()
{
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(9));
        run.append(rowOf(1, 1));
        run.append(Event{1, "checkpoint", "", "", "", ""});
    }
    std::ofstream(m_run / "metrics.csv", std::ios::app) << "2,1,0.3";
    std::ofstream(m_run / "events.jsonl", std::ios::app) << "{\"step\":2,\"ki";
    {
        RunFolder run = RunFolder::resume(m_run, 2);
        QCOMPARE(run.movedOnResume(), int64_t(0)); // no row past this step, and so it is not called one
        QCOMPARE(run.repairs().size(), size_t(2));
        QCOMPARE(run.repairs()[0], std::string("1 line of events.jsonl is no event, and was moved to events.lost.jsonl: '{\"step\":2,\"ki'"));
        QVERIFY(run.repairs()[1].find("1 line of metrics.csv is no whole row") != std::string::npos);
        run.append(rowOf(2, 20));
        run.append(Event{2, "resume", "", "", "", ""});
    }
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(2));
    QCOMPARE(readEvents(m_run / "events.jsonl").size(), size_t(2));
}

/// Whatever a disk, an editor or another program left there.
void TestRunFolder::resumeMovesWhatIsNoRowAndNoEvent()
{
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(9));
        for (int step = 1; step <= 3; ++step) {
            run.append(rowOf(step, step));
            run.append(step, Timings{});
        }
        run.append(Event{1, "checkpoint", "", "", "", ""});
    }
    std::ofstream(m_run / "metrics.csv", std::ios::app) << "4,1,x\n5,1\n6.5,1,2,3\nnoise\n4,1,4,0.1\r\n";
    std::ofstream(m_run / "events.jsonl", std::ios::app) << "\x1B[31m noise \xFF\n{\"step\":-1,\"kind\":\"\"}\n{\"step\":4,\"kind\":\"pause\"}\n\n";
    std::ofstream(m_run / "timings.csv", std::ios::app) << "4,,\n";
    {
        RunFolder run = RunFolder::resume(m_run, 4);
        QCOMPARE(run.movedOnResume(), int64_t(0));
        const std::vector<std::string> said = {"3 lines of events.jsonl are no events, and were moved to events.lost.jsonl: '\\x1B[31m noise \\xFF' and so on",
                                               "4 lines of metrics.csv are no whole rows, and were moved to metrics.lost.csv",
                                               "1 line of timings.csv is no whole row, and was moved to timings.lost.csv"};
        QVERIFY2(run.repairs() == said, run.repairs().front().c_str());
        QCOMPARE(run.missingRows(4), std::string());
        run.append(rowOf(5, 5));
    }
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(5));
    QCOMPARE(readEvents(m_run / "events.jsonl").size(), size_t(2));
    QVERIFY(textOf(m_run / "metrics.lost.csv").ends_with("4,1,x\n5,1\n6.5,1,2,3\nnoise\n"));
    QVERIFY(RunFolder::resume(m_run, 5).repairs().empty());

    fs::remove(m_run / "events.jsonl"); // whatever it said, nobody can know now
    const RunFolder without = RunFolder::resume(m_run, 5);
    QCOMPARE(without.repairs().size(), size_t(1));
    QVERIFY(without.repairs()[0].starts_with("events.jsonl is gone"));
}

void TestRunFolder::metricsWithoutTheirHeaderAreMovedToo()
{
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(9));
        run.append(rowOf(1, 1));
    }
    write(m_run / "metrics.csv", "noise\n1,2,3,4\n");
    {
        RunFolder run = RunFolder::resume(m_run, 1);
        QCOMPARE(run.repairs(), std::vector<std::string>{"2 lines of metrics.csv are no whole rows, and were moved to metrics.lost.csv"});
        QCOMPARE(run.missingRows(1).substr(0, 32), std::string("metrics.csv lacks 1 of 1 rows: o"));
        run.append(rowOf(2, 2));
    }
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(1));
    QCOMPARE(textOf(m_run / "metrics.lost.csv"), std::string("noise\n1,2,3,4\n"));
}

void TestRunFolder::anotherChannelIsRefused()
{
    RunFolder run = RunFolder::create(m_run, toyConfig(9));
    run.append(rowOf(1, 1));
    const std::string said = refusal([&] { run.append(ScalarRow{2, 1, {{"loss/total", 1}, {"accuracy", 1}}}); });
    QVERIFY2(said.find("learning_rate") != std::string::npos && said.find("accuracy") != std::string::npos, said.c_str());
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(1));
}

/// A run that an earlier version began, whose method told less, goes on with the columns that it has; what is missing is still refused.
void TestRunFolder::aResumedRunKeepsItsColumns()
{
    {
        RunFolder run = RunFolder::create(m_run, toyConfig(9));
        run.append(rowOf(1, 1));
    }
    RunFolder run = RunFolder::resume(m_run, 1);
    run.append(ScalarRow{2, 1, {{"loss/total", 0.5}, {"teacher/distance", 0.25}, {"learning_rate", 0.1}}});
    const MetricsTable table = readMetrics(m_run / "metrics.csv");
    QCOMPARE(table.columns, (std::vector<std::string>{"step", "seconds", "loss/total", "learning_rate"}));
    QCOMPARE(table.rows.back(), (std::vector<double>{2, 1, 0.5, 0.1}));
    QVERIFY(refusal([&] { run.append(ScalarRow{3, 1, {{"loss/total", 1}, {"accuracy", 1}}}); }).find("2 channels, step 3 wrote 1") != std::string::npos);
}

void TestRunFolder::damagedMetricsNameFileAndLine_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("not metrics") << "a,b\n1,2\n"
                                 << "line 1";
    QTest::newRow("no number") << "step,seconds,loss\n1,2,3\n2,x,3\n"
                               << "line 3: 'x' is not a number";
    QTest::newRow("cells missing") << "step,seconds,loss\n1,2\n"
                                   << "line 2";
    QTest::newRow("binary") << QString::fromLatin1("\x01\x02\n") << "line 1";
}

void TestRunFolder::damagedMetricsNameFileAndLine()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    write(m_run, text.toStdString());
    const std::string said = refusal([&] { readMetrics(m_run); });
    QVERIFY2(said.starts_with(m_run.string() + ": ") && said.find(expected.toStdString()) != std::string::npos, said.c_str());
}

/// The names of what is kept of checkpoints of these losses, where there is room for so many.
std::vector<int64_t> TestRunFolder::keptOf(const std::vector<double> &losses, int64_t room)
{
    RunFolder run = RunFolder::create(m_run, toyConfig(40));
    const ImageShape shape = ToyData().info().image;
    Model model = makeModel(toyConfig(40), shape);
    int64_t step = 0;
    for (const double loss : losses) {
        saveCheckpoint(run.checkpointPath(step), model, {step, 40, loss, toyConfig(40), "{}", preparedImages(ToyData().info())});
        run.pruneCheckpoints(3, room * int64_t(fs::file_size(run.checkpointPath(step)) + 64)); // of which sizes differ by a few digits
        ++step;
    }
    std::vector<int64_t> steps;
    for (const fs::path &path : run.checkpoints())
        steps.push_back(stepOf(path));
    return steps;
}

void TestRunFolder::pruningKeepsTheFirstTheNewestAndTheBest()
{
    const double never = std::numeric_limits<double>::infinity();
    QCOMPARE(keptOf({never, 3, 1, 2, 2.5, 2.4, 2.3}, 0), (std::vector<int64_t>{0, 2, 4, 5, 6}));
}

void TestRunFolder::pruningSpreadsWhatStaysOverTheRun()
{
    std::vector<double> losses(32);
    for (size_t i = 0; i < losses.size(); ++i)
        losses[i] = 10 - 0.1 * double(i); // the newest is the best
    const std::vector<int64_t> kept = keptOf(losses, 10);
    QCOMPARE(kept.size(), size_t(10));
    QCOMPARE(kept.front(), 0);
    QCOMPARE(kept.back(), 31);
    for (size_t i = 1; i < kept.size(); ++i)
        QVERIFY2(kept[i] - kept[i - 1] <= 8, qPrintable(QString::number(kept[i]))); // no stretch of the run is bare
}

void TestRunFolder::aFullDiskIsOneLine()
{
    RunFolder run = RunFolder::create(m_run, toyConfig(9));
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{500, before.rlim_max}; // a file that cannot grow stands for a disk that cannot
    setrlimit(RLIMIT_FSIZE, &small);
    std::string said;
    int64_t step = 0;
    while (said.empty() && step < 1000)
        said = refusal([&] { run.append(rowOf(++step, 1. / 3)); });
    const std::string checkpoint = refusal([&] {
        Model model = makeModel(toyConfig(9), ToyData().info().image);
        saveCheckpoint(run.checkpointPath(1), model, {1, 9, 1, toyConfig(9), "{}", preparedImages(ToyData().info())});
    });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY2(said.starts_with((m_run / "metrics.csv").string() + ": cannot be written: ") && said.find('\n') == std::string::npos, said.c_str());
    QVERIFY2(checkpoint.starts_with(run.checkpointPath(1).string() + ": "), checkpoint.c_str());
    QVERIFY(fs::is_empty(m_run / "checkpoints"));
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(step - 1));
}

QTEST_APPLESS_MAIN(TestRunFolder)
#include "tst_runfolder.moc"
