// `pretext runs`, and that `pretext train` lists its run: with the real program, in a home of its own.
#include "commandfixture.h"
#include "core/files/json.h"
#include "manyruns.h"

#include <nlohmann/json.hpp>

#include <memory>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

const QStringList kSmall = {"train", "--dataset",         "pictures",  "--size", "8",       "--encoder", "mlp",     "--set", "encoder.width=8",
                            "--set", "projector.width=8", "--threads", "1",      "--batch", "4",         "--steps", "2",     "--out"};

nlohmann::json parsed(const CommandResult &result)
{
    return parseJson(result.out.toStdString());
}

} // namespace

class TestRunsCommand : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_folder = std::make_unique<CommandFolder>(); }
    void trainingListsItsRun();
    void whatCannotBeListedIsTrainedAllTheSame();
    void aTableFitsATerminal();
    void runsAreFoundAndSorted();
    void notesAndTagsAreKeptInTheFolder();
    void deletedRunsAreRestored();
    void mistakesAreNamed();
    void evaluationsAreListed();

private:
    const CommandFolder &folder() const { return *m_folder; }
    /// Listed, in made/run-N.
    void makeRuns(int count) const;

    std::unique_ptr<CommandFolder> m_folder;
};

void TestRunsCommand::makeRuns(int count) const
{
    const RunMaker maker;
    for (int i = 0; i < count; ++i)
        maker.make(folder().at("made/run-" + std::to_string(i)), i);
    QCOMPARE(folder().run({"runs", "--import", "made"}).status, 0);
}

void TestRunsCommand::trainingListsItsRun()
{
    folder().writePictures("pictures", 40);
    CommandResult none = folder().run({"runs"});
    QVERIFY(none.status == 0 && none.out.contains("no runs"));
    QCOMPARE(folder().run({"runs", "--json"}).out.trimmed(), QString("[]"));
    const CommandResult trained = folder().run(kSmall + QStringList{"deep/run"});
    QVERIFY2(trained.status == 0 && trained.error.isEmpty(), qPrintable(trained.error));
    const nlohmann::json runs = parsed(folder().run({"runs", "--json"}));
    QCOMPARE(runs.size(), size_t(1));
    QCOMPARE(runs[0].at("path").get<std::string>(), fs::weakly_canonical(folder().at("deep/run")).string());
    QCOMPARE(runs[0].at("state").get<std::string>(), std::string("done"));
    QCOMPARE(runs[0].at("step").get<int>(), 2);
    QCOMPARE(runs[0].at("knobs").at("encoder.width").get<double>(), 8.0);
    QVERIFY(runs[0].at("loss").is_number() && runs[0].at("bytes").get<int64_t>() > 1000);
    fs::remove(folder().at(".local/share/pretext/runs.sqlite")); // nothing is lost with it
    QCOMPARE(parsed(folder().run({"runs", "--json"})), runs);
}

void TestRunsCommand::whatCannotBeListedIsTrainedAllTheSame()
{
    folder().writePictures("pictures", 40);
    const CommandResult unlisted = folder().run(kSmall + QStringList{"quiet"}, "PRETEXT_UNLISTED=1 \"$@\"");
    QVERIFY2(unlisted.status == 0 && !fs::exists(folder().at(".local")), qPrintable(unlisted.error));
    const CommandResult homeless = folder().run(kSmall + QStringList{"homeless"}, "env -u HOME \"$@\"");
    QVERIFY2(homeless.status == 0 && homeless.error.isEmpty(), qPrintable(homeless.error));
    folder().write(".local/share", "a file");
    const CommandResult blocked = folder().run(kSmall + QStringList{"blocked"});
    QVERIFY2(blocked.status == 0 && blocked.error.isEmpty(), qPrintable(blocked.error));
    QVERIFY2(blocked.out.contains("not in the list of pretext runs: ") && blocked.out.contains(".local/share"), qPrintable(blocked.out));
    verifyOneLine(folder().run({"runs"}), 1, {".local/share/pretext", "Not a directory"});
}

void TestRunsCommand::aTableFitsATerminal()
{
    makeRuns(3);
    fs::rename(folder().at("made/run-1"), folder().at("made/a-run-of-a-name-that-is-far-too-long-for-a-table-of-eighty-columns"));
    QCOMPARE(folder().run({"runs", "--import", "made"}).status, 0);
    const CommandResult table = folder().run({"runs", "--where", "learning_rate>0"});
    QVERIFY2(table.status == 0, qPrintable(table.error));
    const QStringList lines = linesOf(table.out);
    QCOMPARE(lines.size(), 4 + 3); // also the run whose folder has another name since, which is said
    for (const QString &line : lines)
        QVERIFY2(line.size() <= 80, qPrintable(line));
    QVERIFY(lines[0].startsWith("run ") && lines[0].contains("learning_rate"));
    QVERIFY(table.out.contains("…"));
    QVERIFY(table.out.contains("4 runs, "));
    QVERIFY(folder().run({"runs", "--where", "state=gone"}).out.contains("run-1 "));
    QVERIFY2(lines.last().startsWith("1 is gone: pretext runs --where state=gone --unlist"), qPrintable(lines.last()));
    QCOMPARE(parsed(folder().run({"runs", "--where", "state=gone", "--json"}))[0].at("bytes").get<int64_t>(), int64_t(0));
    verifyOneLine(folder().run({"runs", "run-1", "--delete"}), 2, {"run-1", "folder is gone", "--unlist"});
    verifyOneLine(folder().run({"runs", "--unlist"}), 2, {"which runs"});
    const CommandResult forgotten = folder().run({"runs", "--where", "state=gone", "--unlist"});
    QVERIFY2(forgotten.status == 0 && forgotten.out == "1 run no longer listed\n", qPrintable(forgotten.out + forgotten.error));
    QVERIFY(folder().run({"runs"}).out.contains("3 runs, "));
    const CommandResult one = folder().run({"runs", "made/run-0"});
    for (const char *word : {"run-0", "simclr", "temperature", "effective_rank"})
        QVERIFY2(one.out.contains(word), qPrintable(one.out));
}

void TestRunsCommand::runsAreFoundAndSorted()
{
    makeRuns(12);
    const auto names = [&](const QStringList &arguments) {
        QStringList found;
        for (const auto &run : parsed(folder().run(QStringList{"runs", "--json"} + arguments)))
            found << QString::fromStdString(run.at("name").get<std::string>());
        return found;
    };
    QStringList warm = names({"--where", "method=simclr", "--where", "temperature>=0.2"}); // 0.05 * (1 + number % 10)
    warm.sort();
    QCOMPARE(warm, QStringList({"run-3", "run-6", "run-9"}));
    QCOMPARE(names({"--sort", "seed", "--descending", "--limit", "2"}), QStringList({"run-11", "run-10"}));
    QStringList byKnn = names({"--sort", "knn", "--descending"});
    QList<double> scores;
    for (const QString &name : byKnn)
        scores << RunMaker::knnOf(name.mid(4).toInt());
    QVERIFY(std::is_sorted(scores.rbegin(), scores.rend()));
    QCOMPARE(names({"--search", "RUN-1"}).size(), 3);                                // run-1, run-10, run-11
    QCOMPARE(names({"--sort", "temperature"}).last().mid(4).toInt() % 3 != 0, true); // what has none comes last
}

void TestRunsCommand::notesAndTagsAreKeptInTheFolder()
{
    makeRuns(3);
    QCOMPARE(folder().run({"runs", "run-0", "run-1", "--note", "the good ones", "--tag", "good", "--tag", "for the lecture"}).status, 0);
    const nlohmann::json tagged = parsed(folder().run({"runs", "--where", "tag=good", "--json"}));
    QCOMPARE(tagged.size(), size_t(2));
    QCOMPARE(tagged[0].at("note").get<std::string>(), std::string("the good ones"));
    QCOMPARE(readJson(folder().at("made/run-1/notes.json")).at("tags"), nlohmann::json({"good", "for the lecture"}));
    QCOMPARE(folder().run({"runs", "run-1", "--untag", "good", "--remove-note"}).status, 0);
    QCOMPARE(readJson(folder().at("made/run-1/notes.json")).at("tags"), nlohmann::json({"for the lecture"}));
    QCOMPARE(parsed(folder().run({"runs", "--where", "tag=good", "--json"})).size(), size_t(1));
    QVERIFY(folder().run({"runs", "--search", "GOOD ones"}).out.contains("run-0"));
}

void TestRunsCommand::deletedRunsAreRestored()
{
    makeRuns(3);
    QCOMPARE(folder().run({"runs", "run-0", "made/run-2", "--delete"}).status, 0);
    QVERIFY(!fs::exists(folder().at("made/run-0")) && !fs::exists(folder().at("made/run-2")));
    QCOMPARE(parsed(folder().run({"runs", "--json"})).size(), size_t(1));
    QCOMPARE(parsed(folder().run({"runs", "--trash", "--json"})).size(), size_t(2));
    QCOMPARE(folder().run({"runs", "run-0", "--restore"}).status, 0);
    QVERIFY(fs::exists(folder().at("made/run-0/metrics.csv")));
    QCOMPARE(folder().run({"runs", "--empty-trash"}).status, 0);
    QCOMPARE(parsed(folder().run({"runs", "--trash", "--json"})).size(), size_t(0));
    verifyOneLine(folder().run({"runs", "run-2", "--restore"}), 2, {"run-2", "deleted run"});
    QCOMPARE(parsed(folder().run({"runs", "--json"})).size(), size_t(2));
}

void TestRunsCommand::mistakesAreNamed()
{
    makeRuns(3);
    verifyOneLine(folder().run({"runs", "run-9"}), 2, {"'run-9'", "did you mean run-"});
    verifyOneLine(folder().run({"runs", "--note", "whose?"}), 2, {"which runs?"});
    verifyOneLine(folder().run({"runs", "--where", "temperature"}), 2, {"--where", "'temperature'", "NAME=VALUE"});
    verifyOneLine(folder().run({"runs", "--where", "knn>abc"}), 2, {"--where", "knn is a number, and 'abc' is none"});
    verifyOneLine(folder().run({"runs", "--where", "temprature=1"}), 2, {"--where", "temprature", "did you mean temperature?"});
    verifyOneLine(folder().run({"runs", "--sort", "los"}), 2, {"--sort", "did you mean loss?"});
    verifyOneLine(folder().run({"runs", "--import", "absent"}), 2, {"--import absent"});
    fs::create_directories(folder().at("hollow"));
    verifyOneLine(folder().run({"runs", "--import", "hollow"}), 1, {"hollow", "holds no run"});
    verifyOneLine(folder().run({"runs", "hollow"}), 1, {"hollow", "no run"});
    const RunMaker maker;
    maker.make(folder().at("other/run-0"), 7); // of the same name
    QCOMPARE(folder().run({"runs", "--import", "other"}).status, 0);
    verifyOneLine(folder().run({"runs", "run-0", "--delete"}), 2, {"2 runs", "made/run-0", "other/run-0"});
    QVERIFY(fs::exists(folder().at("made/run-0/config.json")));
}

void TestRunsCommand::evaluationsAreListed()
{
    folder().writePictures("pictures", 40);
    QCOMPARE(folder().run(kSmall + QStringList{"run"}).status, 0);
    const CommandResult judged = folder().run({"evaluate", "run", "--no-baselines", "--json"});
    QVERIFY2(judged.status == 0, qPrintable(judged.error));
    const nlohmann::json found = parsed(judged), kept = readJson(folder().at("run/evaluation.json"));
    QCOMPARE(kept, found);
    const nlohmann::json run = parsed(folder().run({"runs", "run", "--json"})).at(0);
    QCOMPARE(run.at("results").at("knn"), found.at("rows").at(0).at("knn"));
    QCOMPARE(run.at("results").at("probe"), found.at("rows").at(0).at("probe"));
}

QTEST_GUILESS_MAIN(TestRunsCommand)
#include "tst_runscommand.moc"
