// A crash is known by the marker it leaves, and its run can be resumed.
#include "app/opener.h"
#include "app/runkeeper.h"
#include "commandfixture.h"
#include "core/engine/openmarker.h"
#include "jobfixture.h"
#include "widgets/workbench.h"

#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fstream>

using namespace pretext;
namespace fs = std::filesystem;

class TestRecovery : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void namesAreDateAndMethodAndNeverTaken();
    void anOpenRunIsNotCrashed();
    void closingLeavesNoMarker();
    void aSignalClosesTheWindow_data();
    void aSignalClosesTheWindow();
    void aCrashIsOfferedAndResumed();
    void changedDataAreAskedAbout();
    void aRunThatAnotherWritesIsNotTakenOver();

private:
    /// A run of two steps whose marker names a process that is gone.
    fs::path crashedRun();
};

void TestRecovery::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName("pretext-tst-recovery");
    fs::remove_all(runsRoot());
}

void TestRecovery::cleanupTestCase()
{
    fs::remove_all(runsRoot().parent_path());
}

fs::path TestRecovery::crashedRun()
{
    const fs::path runFolder = newRunPath(runsRoot(), RunConfig(), QDateTime::currentDateTime());
    fs::create_directories(runsRoot());
    Workbench workbench;
    Run &run = *workbench.add();
    run.start(test::shapesJob(runFolder));
    if (!QTest::qWaitFor([&] { return run.status().state == TrainerState::paused; }, 30000))
        return {};
    run.stepOnce();
    if (!QTest::qWaitFor([&] { return run.status().step == 1 && run.status().state == TrainerState::paused; }, 30000))
        return {};
    run.stop();
    QProcess gone;
    gone.start("true", {});
    gone.waitForStarted();
    const qint64 process = gone.processId();
    gone.waitForFinished();
    std::ofstream(runFolder / "open.pid") << process << '\n';
    return runFolder;
}

void TestRecovery::namesAreDateAndMethodAndNeverTaken()
{
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    const QDateTime now(QDate(2026, 3, 1), QTime(14, 15, 3));
    const fs::path first = newRunPath(root, RunConfig(), now);
    QCOMPARE(first.filename().string(), std::string("2026-03-01-141503-simclr"));
    fs::create_directories(first);
    QCOMPARE(newRunPath(root, RunConfig(), now).filename().string(), std::string("2026-03-01-141503-simclr-2"));
    QCOMPARE(newRunPath(root, RunConfig(), now, {root / "2026-03-01-141503-simclr-2"}).filename().string(), std::string("2026-03-01-141503-simclr-3"));
    RunKeeper keeper;
    const fs::path early = keeper.newPath(RunConfig()), late = keeper.newPath(RunConfig());
    QVERIFY(early != late); // in one second, and neither folder is made
}

void TestRecovery::anOpenRunIsNotCrashed()
{
    QTemporaryDir folder;
    const fs::path run = fs::path(folder.path().toStdString()) / "run";
    fs::create_directories(run);
    QVERIFY(!wasLeftOpen(run));
    writeMarker(run);
    QVERIFY(openedBy(run) != 0 && !wasLeftOpen(run));
    removeMarker(run);
    QVERIFY(openedBy(run) == 0);
}

void TestRecovery::closingLeavesNoMarker()
{
    Workbench workbench;
    Run &run = *workbench.add();
    RunKeeper keeper;
    keeper.follow(&run);
    const fs::path runFolder = keeper.newPath(RunConfig());
    run.start(test::shapesJob(runFolder));
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(runFolder / "open.pid"), 30000);
    run.stop();
    keeper.finish();
    QVERIFY(!fs::exists(runFolder / "open.pid"));
    QVERIFY(fs::exists(runFolder / "config.json"));
}

void TestRecovery::aSignalClosesTheWindow_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("SIGHUP, of a session that ends") << SIGHUP;
    QTest::newRow("SIGTERM, a polite kill") << SIGTERM;
    QTest::newRow("SIGINT, Ctrl-C") << SIGINT;
}

void TestRecovery::aSignalClosesTheWindow()
{
    QFETCH(int, number);
    test::CommandFolder folder;
    folder.writePictures("pictures", 60);
    QProcess window;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *home : {"HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"})
        environment.insert(home, folder.path("home"));
    window.setProcessEnvironment(environment);
    window.start(PRETEXT_BINARY, {folder.path("pictures")});
    const auto found = [&](const std::string &name) {
        std::vector<fs::path> paths;
        if (std::error_code none; fs::exists(folder.at("home"), none))
            for (const auto &entry : fs::recursive_directory_iterator(folder.at("home"), fs::directory_options::skip_permission_denied, none))
                if (entry.path().filename().string().starts_with(name))
                    paths.push_back(entry.path());
        return paths;
    };
    QTRY_VERIFY2_WITH_TIMEOUT(!found("open.pid").empty(), qPrintable(window.readAllStandardError()), 60000);
    QCOMPARE(::kill(pid_t(window.processId()), number), 0);
    QVERIFY(window.waitForFinished(60000));
    QCOMPARE(window.exitStatus(), QProcess::NormalExit);
    QCOMPARE(window.exitCode(), 0);
    QVERIFY(found("open.pid").empty());
    QVERIFY(!found("step-").empty()); // its checkpoint
}

void TestRecovery::aCrashIsOfferedAndResumed()
{
    const fs::path runFolder = crashedRun();
    QVERIFY(!runFolder.empty());
    Workbench workbench;
    Run &run = *workbench.add();
    RunKeeper keeper;
    keeper.follow(&run);
    QSignalSpy found(&keeper, &RunKeeper::crashedFound);
    keeper.findCrashed();
    QTRY_COMPARE_WITH_TIMEOUT(found.size(), 1, 30000);
    QCOMPARE(fs::path(found[0][0].toString().toStdString()), runFolder);

    Opener opener(&workbench, &keeper);
    opener.openRun(found[0][0].toString());
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    QCOMPARE(run.status().step, 1);
    QTRY_COMPARE_WITH_TIMEOUT(run.history().size(), size_t(1), 30000); // the curve so far came back
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(run.history().size(), size_t(2), 30000);
    QCOMPARE(run.history().steps.back(), 2.0);
}

void TestRecovery::changedDataAreAskedAbout()
{
    QTemporaryDir folder;
    const fs::path data = fs::path(folder.path().toStdString()) / "pictures", runFolder = fs::path(folder.path().toStdString()) / "run";
    for (int i = 0; i < 24; ++i) {
        const fs::path place = data / (i % 2 ? "odd" : "even");
        fs::create_directories(place);
        std::string pixels(64, char(i * 9));
        pixels[size_t(i)] = 'x';
        std::ofstream(place / (std::to_string(i) + ".pgm"), std::ios::binary) << "P5 8 8 255\n" << pixels;
    }
    Workbench workbench;
    Run &run = *workbench.add();
    RunKeeper keeper;
    keeper.follow(&run);
    {
        TrainerOptions options = test::shapesJob(runFolder);
        options.dataset = openDataset(data.string(), {.size = 8});
        options.config = makeConfig("simclr", "mlp", data.string(), options.dataset->info());
        options.config.datasetOptions = {.size = 8};
        options.config.batch = 4;
        run.start(std::move(options));
        QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
        run.stop();
        keeper.finish();
    }
    for (int i = 1; i < 24; i += 4)
        fs::remove(data / "odd" / (std::to_string(i) + ".pgm"));

    Opener opener(&workbench, &keeper);
    QSignalSpy asked(&opener, &Opener::dataChanged), refused(&opener, &Opener::refused);
    opener.openRun(QString::fromStdString(runFolder.string()));
    QTRY_COMPARE_WITH_TIMEOUT(asked.size(), 1, 30000);
    QVERIFY2(asked[0][1].toString().contains("the data have changed"), qPrintable(asked[0][1].toString()));
    QVERIFY2(asked[0][1].toString().contains("samples to train on instead of"), qPrintable(asked[0][1].toString()));
    QVERIFY(!run.hasJob());

    opener.openRun(asked[0][0].toString(), true, true);
    const auto said = [&] {
        const auto events = readEvents(runFolder / "events.jsonl");
        return std::any_of(events.begin(), events.end(), [](const Event &event) { return event.kind == "data"; });
    };
    QTRY_VERIFY_WITH_TIMEOUT(said(), 30000);
    QCOMPARE(refused.size(), 0);
}

void TestRecovery::aRunThatAnotherWritesIsNotTakenOver()
{
    const fs::path runFolder = crashedRun();
    QVERIFY(!runFolder.empty());
    const RunLock another(runFolder);
    Workbench workbench;
    Run &run = *workbench.add();
    RunKeeper keeper;
    keeper.follow(&run);
    Opener opener(&workbench, &keeper);
    QSignalSpy elsewhere(&opener, &Opener::openElsewhere);
    opener.openRun(QString::fromStdString(runFolder.string()));
    QTRY_COMPARE_WITH_TIMEOUT(elsewhere.size(), 1, 30000);
    QCOMPARE(elsewhere[0][0].toString(), QString::fromStdString(runFolder.string()));
    QVERIFY2(elsewhere[0][1].toString().contains("process"), qPrintable(elsewhere[0][1].toString()));
    QVERIFY(!run.hasJob());
}

QTEST_GUILESS_MAIN(TestRecovery)
#include "tst_recovery.moc"
