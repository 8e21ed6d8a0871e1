// Evaluation while training: what a run writes with and without it, on toy data, and how often it looks.
#include "core/analysis/health.h"
#include "core/analysis/onlineevaluation.h"
#include "core/backend/backend.h"
#include "core/engine/job.h"
#include "core/engine/resuming.h"
#include "core/engine/runfolder.h"

#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <fstream>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

constexpr size_t kColumns = 10; // that are looked for, of labelled data

/// metrics.csv without its seconds, each row cut to its first cells; 0: whole.
std::vector<std::string> rowsOf(const fs::path &run, size_t cells = 0)
{
    std::ifstream file(run / "metrics.csv");
    std::vector<std::string> rows;
    for (std::string line; std::getline(file, line);) {
        QStringList all = QString::fromStdString(line).split(',');
        all.removeAt(1);
        rows.push_back((cells > 0 ? all.first(qsizetype(cells)) : all).join(',').toStdString());
    }
    return rows;
}

TrainerOptions watched(int64_t steps, int64_t every, const fs::path &out)
{
    TrainerOptions options = toyOptions(steps, out);
    options.config.evaluateEvery = every;
    options.observer = makeOnlineEvaluation;
    options.observedShare = 1; // however long a look takes beside steps of a millisecond
    return options;
}

double valueAt(const MetricsTable &table, size_t row, const std::string &column)
{
    const auto found = std::ranges::find(table.columns, column);
    return found == table.columns.end() ? INFINITY : table.rows[row][size_t(found - table.columns.begin())];
}

} // namespace

class TestOnlineEvaluation : public QObject
{
    Q_OBJECT

private slots:
    /// The training's own numbers are those of a run that nobody looks at; cells between two looks are empty, and the last step is looked at, too.
    void itTouchesNothingOfTheTraining()
    {
        const QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        Lanes plain, seen;
        QCOMPARE(trainToy(toyOptions(12, place / "plain"), plain).failure, std::string());
        QCOMPARE(trainToy(watched(12, 5, place / "watched"), seen).failure, std::string());
        const std::vector<std::string> rows = rowsOf(place / "plain");
        const size_t cells = size_t(std::ranges::count(rows.front(), ',')) + 1;
        QCOMPARE(rowsOf(place / "watched", cells), rows);
        for (const std::string &row : rowsOf(place / "watched")) {
            const QStringList all = QString::fromStdString(row).split(',');
            QCOMPARE(all.size(), qsizetype(cells + kColumns));
            const bool header = all[0] == "step", looked = !header && (all[0].toInt() % 5 == 0 || all[0] == "12");
            QVERIFY(header || all.last(qsizetype(kColumns))[0].isEmpty() != looked);
        }
    }

    void whatItWritesIsReadBack()
    {
        const QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        Lanes lanes;
        trainToy(watched(10, 10, run), lanes);
        const MetricsTable table = readMetrics(run / "metrics.csv");
        QCOMPARE(table.rows.size(), size_t(10));
        QVERIFY(std::isnan(valueAt(table, 8, "evaluation/knn")) && std::isfinite(valueAt(table, 8, "loss/total")));
        // Of the encoder as it was after the step, which is also the last checkpoint's.
        TrainedEncoder trained = loadEncoder(run);
        const Autocast autocast(precisionNamed(trained.state.config.precision));
        const EncoderHealth health = healthOf(trained, ToyData());
        QCOMPARE(valueAt(table, 9, "health/effective_rank"), *health.embedding.effectiveRank);
        QCOMPARE(valueAt(table, 9, "health/alignment"), *health.embedding.alignment);
        QCOMPARE(valueAt(table, 9, "health/projection_deviation"), *health.projection->deviation);
        for (const char *name : {"evaluation/knn", "evaluation/probe"}) {
            const double accuracy = valueAt(table, 9, name);
            QVERIFY2(accuracy > 0.5 && accuracy <= 1, name); // a bright left half and a bright top half are told apart
        }
    }

    void equalRunsAreEqual()
    {
        const QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        Lanes first, second;
        trainToy(watched(9, 3, place / "first"), first);
        trainToy(watched(9, 3, place / "second"), second);
        QCOMPARE(rowsOf(place / "second"), rowsOf(place / "first"));
    }

    void aRunThatIsStoppedGoesOnAsIfItHadNotBeen()
    {
        const QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        Lanes whole, rest;
        trainToy(watched(14, 3, place / "whole"), whole);
        {
            auto lanes = std::make_unique<Lanes>();
            TrainerOptions options = watched(14, 3, place / "half");
            options.startPaused = true;
            Job job(std::move(options), std::move(lanes));
            job.lanes().commands.post(StepOnce{7});
            QTRY_VERIFY_WITH_TIMEOUT(job.lanes().status.latest().step == 7 && job.lanes().status.latest().state == TrainerState::paused, 30000);
        }
        TrainerOptions options = resumptionOf(place / "half").options;
        options.dataset = std::make_shared<ToyData>();
        options.observer = makeOnlineEvaluation;
        options.observedShare = 1;
        options.loaderAhead = 0;
        QCOMPARE(trainToy(options, rest).failure, std::string());
        QCOMPARE(rowsOf(place / "half"), rowsOf(place / "whole"));
    }

    /// As a run is resumed by somebody who does not look.
    void columnsThatNobodyFillsStayEmpty()
    {
        const QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        Lanes lanes, rest;
        trainToy(watched(4, 2, run), lanes);
        TrainerOptions options = resumptionOf(run).options;
        options.dataset = std::make_shared<ToyData>();
        options.config.steps = 8;
        options.loaderAhead = 0;
        QCOMPARE(trainToy(options, rest).failure, std::string());
        const MetricsTable table = readMetrics(run / "metrics.csv");
        QCOMPARE(table.rows.size(), size_t(8));
        QVERIFY(std::isfinite(valueAt(table, 3, "evaluation/knn")) && std::isnan(valueAt(table, 7, "evaluation/knn")));
    }

    void textsAreLookedAtToo_data()
    {
        QTest::addColumn<QString>("method");
        for (const char *method : {"mlm", "simcse"})
            QTest::newRow(method) << method;
    }
    void textsAreLookedAtToo()
    {
        QFETCH(QString, method);
        const QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        TrainerOptions options = watched(4, 2, run);
        options.dataset = std::make_shared<ToyText>();
        options.config = toyConfig(4, method.toStdString(), "transformer");
        options.config.evaluateEvery = 2;
        qputenv("XDG_CACHE_HOME", folder.filePath("cache").toUtf8());
        Lanes lanes;
        QCOMPARE(trainToy(options, lanes).failure, std::string());
        const MetricsTable table = readMetrics(run / "metrics.csv");
        QVERIFY(std::isfinite(valueAt(table, 3, "evaluation/probe")) && std::isfinite(valueAt(table, 3, "health/effective_rank")));
        QCOMPARE(std::isfinite(valueAt(table, 3, "health/projection_rank")), method == "simcse"); // mlm compares none
    }

    void withoutLabelsThereIsTheHealthAlone()
    {
        const ToyData plain(-1, {}, false);
        const auto columns = makeOnlineEvaluation(toyConfig(1), plain)->columns();
        QCOMPARE(columns.size(), kColumns - 2);
        QVERIFY(std::ranges::all_of(columns, [](const std::string &name) { return name.starts_with("health/") && isObserved(name); }));
        QVERIFY(!isObserved("loss/total"));
    }

    /// Learned without what keeps it apart, it is said once; the sentence is in events.jsonl.
    void aCollapseIsAnEvent()
    {
        const QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        TrainerOptions options = watched(120, 20, run);
        options.config = toyConfig(120, "simsiam");
        options.config.evaluateEvery = 20;
        options.config.knobs.set("stop_gradient", false);
        options.config.knobs.set("learning_rate", 0.03);
        Lanes lanes;
        QCOMPARE(trainToy(options, lanes).failure, std::string());
        int said = 0;
        for (const Event &event : readEvents(run / "events.jsonl"))
            said += event.kind == "health" && event.message.find("Collapsed: the projections") == 0;
        QCOMPARE(said, 1);
    }

    void looksThatTakeLongAreFewer()
    {
        LookPace pace(0.05);
        QCOMPARE(pace.looked(0.5, 10), int64_t(1));
        QCOMPARE(pace.looked(0.6, 10), int64_t(1)); // a little slow, once
        QCOMPARE(pace.looked(0.6, 10), int64_t(2)); // and again
        QCOMPARE(pace.looked(5, 10), int64_t(10));  // far too slow: 5 s are a twentieth of 100
        QCOMPARE(pace.looked(5, 100), int64_t(1));
    }

    /// A look takes longer than steps of a millisecond: the run says so, and its config.json has what it settled on.
    void aRunSaysThatItLooksLessOften()
    {
        const QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        TrainerOptions options = watched(12, 2, run);
        options.observedShare = 0.05;
        Lanes lanes;
        QCOMPARE(trainToy(options, lanes).failure, std::string());
        const std::vector<Event> events = readEvents(run / "events.jsonl");
        const auto said = std::ranges::find(events, std::string("evaluation"), &Event::kind);
        QVERIFY(said != events.end() && said->before == "2" && said->message.find("5 % of the time") != std::string::npos);
        const RunConfig config = loadConfig(run / "config.json");
        QVERIFY(config.evaluateEvery > 2 && config.evaluateEvery % 2 == 0);
        QCOMPARE(resumptionOf(run).options.config.evaluateEvery, config.evaluateEvery);
    }
};

QTEST_GUILESS_MAIN(TestOnlineEvaluation)
#include "tst_onlineevaluation.moc"
