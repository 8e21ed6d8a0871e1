// The list of runs: what a folder tells, which runs are meant, where they are kept, and that the database is nothing that a folder does not know: lost, damaged,
// written by several processes, or killed in its middle, it says what the folders say.
#include "commandfixture.h"
#include "filefixture.h"
#include "manyruns.h"

#include "core/engine/openmarker.h"
#include "core/engine/runfilter.h"
#include "core/engine/runlock.h"
#include "widgets/runs/rundatabase.h"
#include "widgets/runs/runsweep.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

const RunMaker &maker()
{
    static const RunMaker made;
    return made;
}

const RunSummary *named(const std::vector<RunSummary> &runs, const std::string &name)
{
    const auto found = std::ranges::find(runs, name, &RunSummary::name);
    return found == runs.end() ? nullptr : &*found;
}

QString textOf(const RunValue &value)
{
    if (const double *number = std::get_if<double>(&value))
        return QString::number(*number);
    return std::holds_alternative<std::string>(value) ? QString::fromStdString(std::get<std::string>(value)) : QString("-");
}

} // namespace

class TestRuns : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void aFolderIsSummedUp();
    void statesAreToldApart();
    void whatWasEvaluatedIsAResult();
    void damagedFilesAreSummedUpAsFarAsTheyGo();
    void filtersAccept_data();
    void filtersAccept();
    void whatIsNoConditionIsRefused();
    void elsewhereIsListedByALink();
    void deletedRunsComeBack();
    void whatIsOpenIsNotDeleted();
    void theDatabaseReturnsWhatItWasGiven();
    void onlyChangedFoldersAreReadAgain();
    void aLostOrDamagedDatabaseIsMadeAnew_data();
    void aLostOrDamagedDatabaseIsMadeAnew();
    void manyWriteAtOnce();
    void aKillAtAnyMomentLosesNothing();

private:
    fs::path at(const std::string &name) const { return fs::path(m_folder->path().toStdString()) / name; }
    fs::path made(const std::string &name, int number) const
    {
        maker().make(at(name), number);
        return at(name);
    }
    /// A store with twelve runs, four of them elsewhere.
    RunStore storeOfTwelve() const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestRuns::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

RunStore TestRuns::storeOfTwelve() const
{
    const RunStore store(at("data"));
    for (int i = 0; i < 12; ++i) {
        const fs::path run = (i < 8 ? store.runs() : at("elsewhere")) / ("run-" + std::to_string(i));
        maker().make(run, i);
        store.list(run);
    }
    return store;
}

void TestRuns::aFolderIsSummedUp()
{
    const fs::path folder = made("run", 4);
    std::ofstream(folder / "events.jsonl", std::ios::app) << R"({"kind":"knob","name":"learning_rate","before":"0.005","after":"0.25","step":400})" << '\n'
                                                          << R"({"kind":"knob","name":"weight_decay","before":"0","after":"0.5","step":490})" << '\n'
                                                          << R"({"kind":"resume","step":450})" << '\n'
                                                          << R"({"kind":"end","step":500})" << '\n';
    writeNotes(folder, {"a note", {"good", "for the lecture"}});
    const RunSummary run = summarise(folder);
    QCOMPARE(run.problem, std::string());
    QCOMPARE(run.method, std::string("byol"));
    QCOMPARE(run.encoder, std::string("convnet"));
    QCOMPARE(run.seed, uint64_t(4));
    QCOMPARE(run.step, int64_t(500));
    QCOMPARE(run.planned, int64_t(500));
    QCOMPARE(run.seconds, 25.0);
    QVERIFY(run.loss && std::abs(*run.loss - (6 - 4.0 * 500 / 604)) < 1e-9);
    QCOMPARE(textOf(valueOf(run, "knn")), QString::number(RunMaker::knnOf(4)));
    QCOMPARE(textOf(valueOf(run, "effective_rank")), QString("12.5"));
    QCOMPARE(textOf(valueOf(run, "learning_rate")), QString("0.25")); // turned on the way
    QVERIFY(textOf(valueOf(run, "weight_decay")) != "0.5");           // which the resume took back
    QCOMPARE(textOf(valueOf(run, "tag")), QString("good, for the lecture"));
    QCOMPARE(textOf(valueOf(run, "parent")), QString("run-0@50"));
    QVERIFY(run.state == RunState::done);
    uint64_t bytes = 0;
    for (const auto &file : fs::recursive_directory_iterator(folder))
        bytes += file.is_regular_file() ? file.file_size() : 0;
    QCOMPARE(run.bytes, bytes);
    QVERIFY(run.begun > 0 && run.begun <= run.changed);
    QCOMPARE(textOf(valueOf(run, "nothing of the kind")), QString("-"));
}

void TestRuns::statesAreToldApart()
{
    const fs::path folder = made("run", 1);
    const auto state = [&](const std::string &events) {
        RunMaker::write(folder / "events.jsonl", events);
        return std::string(nameOf(summarise(folder).state));
    };
    const std::string end = R"({"kind":"end","step":9})", stopped = R"({"kind":"end","message":"gestoppt","step":9})", fault = R"({"kind":"fault","step":9})",
                      resume = R"({"kind":"resume","step":9})", n = "\n";
    QCOMPARE(state(end + n), std::string("done"));
    QCOMPARE(state(stopped + n), std::string("stopped"));
    QCOMPARE(state(fault + n), std::string("failed"));
    QCOMPARE(state(""), std::string("killed"));
    QCOMPARE(state(end + n + resume + n), std::string("killed"));
    QCOMPARE(state(stopped + n + end), std::string("stopped")); // the last line is no whole one
    {
        const RunLock lock(folder);
        QCOMPARE(state(end + n), std::string("done")); // in a window that looks at it
        QCOMPARE(state(stopped + n), std::string("paused"));
        QCOMPARE(state(end + n + resume + n), std::string("training"));
    }
    RunMaker::write(folder / "config.json", "{");
    QCOMPARE(state(end + n), std::string("unreadable"));
    QVERIFY(summarise(folder).problem.find("config.json") != std::string::npos);
    fs::remove_all(folder);
    QVERIFY(summarise(folder).state == RunState::gone);
    for (const RunState each : {RunState::training, RunState::done, RunState::stopped, RunState::failed, RunState::killed, RunState::unreadable})
        QVERIFY(runStateNamed(nameOf(each)) == each);
}

void TestRuns::whatWasEvaluatedIsAResult()
{
    const fs::path folder = made("run", 0);
    const auto evaluated = [&](int64_t step) {
        RunMaker::write(folder / "evaluation.json", nlohmann::json{{"step", step},
                                                                   {"effective_rank", 7},
                                                                   {"rows",
                                                                    {{{"features", "raw pixels"}, {"column", "kind"}, {"knn", 0.1}},
                                                                     {{"features", "encoder"}, {"column", "kind"}, {"knn", 0.75}, {"probe", 0.8}},
                                                                     {{"features", "encoder"}, {"column", "hue"}, {"r2", 0.5}}}}}
                                                        .dump());
        return summarise(folder);
    };
    const RunSummary after = evaluated(100);
    QCOMPARE(textOf(valueOf(after, "knn")), QString("0.75"));
    QCOMPARE(textOf(valueOf(after, "probe.kind")), QString("0.8"));
    QCOMPARE(textOf(valueOf(after, "r2.hue")), QString("0.5"));
    QCOMPARE(textOf(valueOf(after, "effective_rank")), QString("7"));
    const RunSummary before = evaluated(50); // it was trained further, and looked at
    QCOMPARE(textOf(valueOf(before, "knn")), QString::number(RunMaker::knnOf(0)));
    QCOMPARE(textOf(valueOf(before, "r2.hue")), QString("0.5"));
}

void TestRuns::damagedFilesAreSummedUpAsFarAsTheyGo()
{
    const fs::path folder = made("run", 2);
    for (const char *file : {"evaluation.json", kNotesFile}) {
        RunMaker::write(folder / file, "[1, ");
        const RunSummary run = summarise(folder);
        QVERIFY(run.state == RunState::done && run.step == 300);
        QVERIFY2(run.problem.find(file) != std::string::npos, run.problem.c_str());
        fs::remove(folder / file);
    }
    std::ofstream(folder / "metrics.csv", std::ios::app) << "310,15.5,0.1"; // cut short
    QCOMPARE(summarise(folder).step, int64_t(300));
    RunMaker::write(folder / "metrics.csv", "");
    QVERIFY(summarise(folder).problem.empty() && !summarise(folder).loss);
    RunMaker::write(folder / "config.json", R"({"method": 3, "knobs": []})");
    QVERIFY(summarise(folder).state == RunState::unreadable);
}

void TestRuns::filtersAccept_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<bool>("accepts");
    // A run of simclr with temperature 0.2 and learning rate 0.004, tagged "good".
    QTest::newRow("nothing") << "" << true;
    QTest::newRow("a word of the name") << "RUN" << true;
    QTest::newRow("a word of the note") << "lecture" << true;
    QTest::newRow("words that are not all there") << "run absent" << false;
    QTest::newRow("method") << "method=simclr" << true;
    QTest::newRow("another method") << "method=byol" << false;
    QTest::newRow("not another method") << "method!=byol" << true;
    QTest::newRow("a knob") << "temperature=0.2" << true;
    QTest::newRow("a knob, written otherwise") << "temperature=0.20" << true;
    QTest::newRow("below") << "temperature<0.2" << false;
    QTest::newRow("at most") << "temperature<=0.2" << true;
    QTest::newRow("above") << "temperature>0.1" << true;
    QTest::newRow("at least") << "temperature>=0.3" << false;
    QTest::newRow("both") << "temperature>0.1 method=simclr" << true;
    QTest::newRow("only one of both") << "temperature>0.1 method=byol" << false;
    QTest::newRow("a switch") << "flip=false" << false;
    QTest::newRow("a choice") << "optimizer=adamw" << true;
    QTest::newRow("a result") << "knn>0.9" << false;
    QTest::newRow("a result in percent") << QString("knn>%1 knn<%2%").arg(100 * RunMaker::knnOf(3) - 1).arg(100 * RunMaker::knnOf(3) + 1) << true;
    QTest::newRow("too much, in percent") << QString("knn>%1").arg(100 * RunMaker::knnOf(3) + 1) << false;
    QTest::newRow("with blanks") << "temperature >= 0.1 method = simclr" << true;
    QTest::newRow("a number and a word") << "knn=high" << false;
    QTest::newRow("a tag") << "tag=good" << true;
    QTest::newRow("half a tag") << "tag=goo" << false;
    QTest::newRow("not a tag") << "tag!=bad" << true;
    QTest::newRow("a knob that it has not") << "queue.size>0" << false;
    QTest::newRow("data") << "data=shapes" << true;
    QTest::newRow("state") << "state=done" << true;
}

void TestRuns::filtersAccept()
{
    QFETCH(QString, line);
    QFETCH(bool, accepts);
    const fs::path folder = made("run", 3);
    writeNotes(folder, {"for the Lecture", {"good"}});
    QCOMPARE(runFilterOf(line.toStdString()).accepts(summarise(folder)), accepts);
}

void TestRuns::whatIsNoConditionIsRefused()
{
    for (const char *text : {"temperature", "=0.2", "temperature=", "temperature!0.2", "temperature<", "!="})
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, runConditionOf(text));
    QCOMPARE(runConditionOf("a.b!=c=d").value, std::string("c=d"));
    const std::vector<RunSummary> runs{summarise(made("run", 3))};
    const auto wrong = [&](const char *line) { return QString::fromStdString(misunderstoodIn(runFilterOf(line), runs)); };
    QCOMPARE(wrong("temperature=1 knn=0 tag=x state=done some words"), QString());
    QCOMPARE(wrong("temperature<abc"), QString("temperature is a number, and 'abc' is none"));
    QCOMPARE(wrong("knn>abc"), QString("knn is a number, and 'abc' is none"));
    QVERIFY(wrong("state=dun").contains("'dun' is no state of a run; those are training, paused"));
    QCOMPARE(wrong("temperature <0.2 some != words"), QString("no run has a knob or result 'some'"));
    QVERIFY(wrong("<0.2").contains("'<0.2' is no condition"));
    QVERIFY(wrong("temperature <").contains("'temperature<' is no condition"));
    const QString unknown = wrong("temprature<0.2");
    QVERIFY2(unknown.contains("temprature") && unknown.contains("did you mean temperature?"), qPrintable(unknown));
}

void TestRuns::elsewhereIsListedByALink()
{
    const RunStore store = storeOfTwelve();
    QCOMPARE(store.folders().size(), size_t(12));
    store.list(at("elsewhere/run-8")); // once more
    QCOMPARE(store.folders().size(), size_t(12));
    store.unlist(at("elsewhere/run-8"));
    QCOMPARE(store.folders().size(), size_t(11));
    QVERIFY(fs::exists(at("elsewhere/run-8/config.json")));
    QCOMPARE(store.import(at("elsewhere")).size(), size_t(4));
    QCOMPARE(store.folders().size(), size_t(12));
    fs::create_directories(at("empty"));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, store.import(at("empty")));
    fs::rename(at("elsewhere"), at("moved")); // a disk that is not attached, say
    RunDatabase database(store.database());
    const std::vector<RunSummary> runs = sweepRuns(store, &database);
    QCOMPARE(runs.size(), size_t(12));
    QVERIFY(named(runs, "run-9")->state == RunState::gone);
    fs::rename(at("moved"), at("elsewhere"));
    const std::vector<RunSummary> again = sweepRuns(store, &database);
    QVERIFY(named(again, "run-9")->state == RunState::done);
    fs::rename(at("elsewhere"), at("moved")); // now it is known what they were
    QCOMPARE(named(sweepRuns(store, &database), "run-9")->seed, uint64_t(9));
}

void TestRuns::deletedRunsComeBack()
{
    const RunStore store = storeOfTwelve();
    RunDatabase database(store.database());
    for (const fs::path &run : {store.runs() / "run-2", at("elsewhere/run-9")}) {
        const RunSummary before = summarise(run);
        const fs::path deleted = store.remove(run);
        QVERIFY(!fs::exists(run));
        const std::vector<RunSummary> without = sweepRuns(store, &database);
        QCOMPARE(without.size(), size_t(12));
        const RunSummary *trashed = named(without, run.filename().string());
        QVERIFY(trashed && trashed->from == run && trashed->path == deleted && trashed->seed == before.seed);
        fs::create_directories(run); // something else is there now
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, store.restore(deleted));
        QVERIFY(fs::exists(deleted / "config.json"));
        fs::remove(run);
        QCOMPARE(store.restore(deleted), run);
        QVERIFY(summarise(run) == before);
        QVERIFY(store.deleted().empty() && store.folders().size() == 12);
    }
    store.remove(store.runs() / "run-3");
    store.emptyTrash();
    QVERIFY(store.deleted().empty() && fs::is_empty(store.trash()));
    QCOMPARE(sweepRuns(store, &database).size(), size_t(11));
    fs::create_directories(at("precious"));
    RunMaker::write(at("precious/config.json"), "{}"); // another program's
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, store.remove(at("precious")));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, store.remove(at("elsewhere")));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, store.restore(at("precious")));
    QVERIFY(fs::exists(at("precious/config.json")));
}

void TestRuns::whatIsOpenIsNotDeleted()
{
    const RunStore store = storeOfTwelve();
    const fs::path run = store.runs() / "run-1";
    writeMarker(run);
    QVERIFY(errorOf([&] { store.remove(run); }).contains("this window"));
    removeMarker(run);
    {
        const RunLock lock(run);
        QVERIFY(errorOf([&] { store.remove(run); }).contains("process"));
    }
    store.remove(run);
    QVERIFY(!fs::exists(run));
}

void TestRuns::theDatabaseReturnsWhatItWasGiven()
{
    RunSummary run = summarise(made("run", 4));
    run.seed = UINT64_MAX;
    run.notes = {"a \"note\"\nof 行 two lines", {"good", "for the lecture"}};
    run.problem = "config.json: 'x'";
    run.from = "/gone/a\xff"; // a name is any bytes
    RunSummary bare;
    bare.path = at("b\xfe");
    RunDatabase database(at("runs.sqlite"));
    database.put({run, bare});
    std::vector<RunSummary> found = database.all();
    QCOMPARE(found.size(), size_t(2));
    std::ranges::sort(found, {}, &RunSummary::path);
    std::vector<RunSummary> given{run, bare};
    std::ranges::sort(given, {}, &RunSummary::path);
    QVERIFY(found == given);
    bare.step = 7;
    database.put({bare});
    QCOMPARE(database.all().size(), size_t(2));
    database.forget({bare.path});
    QVERIFY(database.all() == std::vector<RunSummary>{run});
}

void TestRuns::onlyChangedFoldersAreReadAgain()
{
    const RunStore store = storeOfTwelve();
    RunDatabase database(store.database());
    const std::vector<RunSummary> first = sweepRuns(store, &database);
    const fs::path config = store.runs() / "run-3" / "config.json";
    const auto time = fs::last_write_time(config);
    std::string text = test::textOf(config);
    text.replace(text.find("\"simclr\""), 8, "\"simclR\"");
    RunMaker::write(config, text);
    fs::last_write_time(config, time); // of the same length, too: nobody looks into it
    QVERIFY(sweepRuns(store, &database) == first);
    fs::last_write_time(config, time + std::chrono::seconds(1));
    QCOMPARE(named(sweepRuns(store, &database), "run-3")->method, std::string("simclR"));
    writeNotes(store.runs() / "run-4", {"new", {}});
    QCOMPARE(named(sweepRuns(store, &database), "run-4")->notes.note, std::string("new"));
    auto lock = std::make_unique<RunLock>(store.runs() / "run-5");
    std::ofstream(store.runs() / "run-5" / "events.jsonl", std::ios::app) << R"({"kind":"resume","step":9})" << '\n';
    QVERIFY(named(sweepRuns(store, &database), "run-5")->state == RunState::training);
    std::ofstream(store.runs() / "run-5" / "events.jsonl", std::ios::app) << R"({"kind":"pause","step":9})" << '\n';
    QVERIFY(named(sweepRuns(store, &database), "run-5")->state == RunState::paused);
    std::ofstream(store.runs() / "run-5" / "events.jsonl", std::ios::app) << R"({"kind":"end","step":9})" << '\n';
    QVERIFY(named(sweepRuns(store, &database), "run-5")->state == RunState::done); // though somebody looks at it
    std::ofstream(store.runs() / "run-5" / "events.jsonl", std::ios::app) << R"({"kind":"play","step":9})" << '\n';
    lock.reset(); // its files stay as they are
    QVERIFY(named(sweepRuns(store, &database), "run-5")->state == RunState::killed);
}

void TestRuns::aLostOrDamagedDatabaseIsMadeAnew_data()
{
    QTest::addColumn<QString>("damage");
    for (const char *damage : {"lost", "empty", "no database", "cut", "overwritten", "another version", "without its table", "with another table"})
        QTest::newRow(damage) << damage;
}

void TestRuns::aLostOrDamagedDatabaseIsMadeAnew()
{
    QFETCH(QString, damage);
    const RunStore store = storeOfTwelve();
    std::vector<RunSummary> first;
    {
        RunDatabase database(store.database());
        first = sweepRuns(store, &database);
    }
    const auto statement = [&](const QString &text) {
        {
            QSqlDatabase other = QSqlDatabase::addDatabase("QSQLITE", "other");
            other.setDatabaseName(QString::fromStdString(store.database().string()));
            QVERIFY(other.open());
            QVERIFY(QSqlQuery(other).exec(text));
        }
        QSqlDatabase::removeDatabase("other");
    };
    const auto size = fs::file_size(store.database());
    if (damage == "lost") {
        fs::remove(store.database());
    } else if (damage == "empty") {
        RunMaker::write(store.database(), "");
    } else if (damage == "no database") {
        RunMaker::write(store.database(), std::string(9000, 'x'));
    } else if (damage == "cut") {
        fs::resize_file(store.database(), size / 2);
    } else if (damage == "overwritten") {
        std::fstream file(store.database(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(size_t(size) - 4096, '\x5a');
    } else if (damage == "another version") {
        statement("PRAGMA user_version=99");
    } else if (damage == "without its table") {
        statement("DROP TABLE runs");
    } else {
        statement("ALTER TABLE runs RENAME COLUMN knobs TO bobs");
    }
    RunDatabase database(store.database());
    QVERIFY(sweepRuns(store, &database) == first);
    std::vector<RunSummary> kept = database.all();
    std::ranges::sort(kept, {}, &RunSummary::path);
    std::ranges::sort(first, {}, &RunSummary::path);
    QVERIFY(kept == first);
}

/// Eight threads, each with a connection of its own, as processes have.
void TestRuns::manyWriteAtOnce()
{
    constexpr int kWriters = 8, kRunsOfEach = 25;
    const RunStore store(at("data"));
    std::vector<std::jthread> writers;
    std::vector<std::string> problems(kWriters);
    for (int writer = 0; writer < kWriters; ++writer)
        writers.emplace_back([&, writer] {
            try {
                for (int i = 0; i < kRunsOfEach; ++i) {
                    const fs::path run = at("elsewhere-" + std::to_string(writer)) / ("run-" + std::to_string(i));
                    maker().make(run, i);
                    recordRun(store, run);
                }
            } catch (const std::exception &error) {
                problems[size_t(writer)] = error.what();
            }
        });
    writers.clear();
    for (const std::string &problem : problems)
        QVERIFY2(problem.empty(), problem.c_str());
    RunDatabase database(store.database());
    QCOMPARE(database.all().size(), size_t(kWriters * kRunsOfEach));
    QCOMPARE(store.folders().size(), size_t(kWriters * kRunsOfEach));
}

/// The program lists, tags, deletes and restores, and is killed meanwhile, again and again; two at once.
void TestRuns::aKillAtAnyMomentLosesNothing()
{
    const RunStore store(at("home/.local/share/pretext"));
    for (int i = 0; i < 60; ++i)
        maker().make((i % 2 ? at("elsewhere") : store.runs()) / ("run-" + std::to_string(i)), i);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("XDG_DATA_HOME");
    environment.insert("HOME", QString::fromStdString(at("home").string()));
    QRandomGenerator random(1);
    const QStringList deeds[] = {{"--import", QString::fromStdString(at("elsewhere").string())},
                                 {"run-4", "run-7", "--tag", "good"},
                                 {"run-8", "run-9", "--delete"},
                                 {"run-8", "run-9", "--restore"},
                                 {"run-10", "--note", "a longer sentence of a note"}};
    for (int round = 0; round < 24; ++round) {
        if (round % 8 == 7)
            fs::remove(store.database());
        QProcess two[2];
        for (QProcess &process : two) {
            process.setProcessEnvironment(environment);
            process.start(PRETEXT_BINARY, QStringList{"runs"} + deeds[random.bounded(5)]);
        }
        for (QProcess &process : two)
            process.waitForStarted();
        QTest::qSleep(random.bounded(60));
        for (QProcess &process : two)
            process.kill();
        for (QProcess &process : two)
            process.waitForFinished();
        const std::vector<RunSummary> truth = sweepRuns(store, nullptr); // none is ever lost: each is in its place or in the trash, whole
        size_t own = 0;
        for (const RunSummary &run : truth) {
            own += run.seed % 2 == 0 && run.state != RunState::gone;
            QVERIFY2(run.problem.empty(), run.problem.c_str());
        }
        QCOMPARE(own, size_t(30));
        RunDatabase database(store.database());
        QVERIFY(sweepRuns(store, &database) == truth);
        QCOMPARE(database.all().size(), truth.size());
    }
    QProcess whole; // and what was begun can be done
    whole.setProcessEnvironment(environment);
    whole.start(PRETEXT_BINARY, {"runs", "--import", QString::fromStdString(at("elsewhere").string()), "--json"});
    QVERIFY(whole.waitForFinished());
    QCOMPARE(whole.exitCode(), 0);
    std::set<uint64_t> seeds; // run-9 may be both in the trash and, its folder gone, where it was
    for (const RunSummary &run : sweepRuns(store, nullptr))
        seeds.insert(run.seed);
    QCOMPARE(seeds.size(), size_t(60));
}

QTEST_GUILESS_MAIN(TestRuns)
#include "tst_runs.moc"
