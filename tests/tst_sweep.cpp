// Sweeps: which trials there are, which go on, and that processes that are killed, also several at once, neither lose nor repeat any.
#include "commandfixture.h"
#include "core/engine/resuming.h"
#include "core/engine/runsummary.h"
#include "core/engine/sweepstopping.h"
#include "core/engine/sweeptrials.h"
#include "core/files/json.h"

#include <QElapsedTimer>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <random>
#include <set>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

const QStringList kData = {"--dataset", "pictures", "--size", "8", "--encoder", "mlp", "--threads", "1", "--batch", "4"};
const QStringList kSmall = kData + QStringList{"--set", "encoder.width=8", "--set", "projector.width=8"};

Sweep sweepOf(int64_t trials, int64_t steps, int64_t halving)
{
    Sweep sweep;
    sweep.steps = steps;
    sweep.halving = halving;
    sweep.trials.resize(size_t(trials));
    return sweep;
}

/// All but the seconds, as text, so that an empty cell equals another.
std::vector<std::string> rowsWithoutSeconds(const fs::path &run)
{
    std::vector<std::string> rows;
    std::ifstream file(run / "metrics.csv");
    for (std::string line; std::getline(file, line);) {
        const size_t first = line.find(','), second = line.find(',', first + 1);
        rows.push_back(line.substr(0, first) + line.substr(second));
    }
    return rows;
}

int64_t eventsOfKind(const fs::path &run, const std::string &kind)
{
    return std::ranges::count(readEvents(run / "events.jsonl"), kind, &Event::kind);
}

TrialResult knnOf(double knn)
{
    return {.over = true, .step = 1, .results = {{"knn", knn}}};
}

} // namespace

class TestSweep : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_folder = std::make_unique<CommandFolder>(); }
    void everyCombinationIsATrial();
    void drawnTrialsAreAFunctionOfTheSeed();
    void rungsHaveTheBestAndMoreSteps();
    void trialsAreRuns();
    void aTrialThatIsLookedAtIsDone();
    void aKnobThatATrialLacksIsLeftOut();
    void halvingKeepsTheBest();
    void theMedianRuleEndsTheWorse();
    void trialsAreStoppedEarly();
    void minutesAreTheSameStepsForAll();
    void aTrialThatFailsIsTheWorst();
    void severalProcessesTakeDifferentTrials();
    void killedSweepsGoOn_data();
    void killedSweepsGoOn();
    void aPoliteKillKeepsTheTrialUnderWay();
    void aTrialUnderWayIsInTheListOfRuns();
    void anotherSweepIsRefused();
    void mistakesAreNamed_data();
    void mistakesAreNamed();

private:
    const CommandFolder &folder() const { return *m_folder; }
    CommandResult sweep(const QStringList &more, const QString &shell = {}) const
    {
        if (!fs::exists(folder().at("pictures")))
            folder().writePictures("pictures", 60);
        return folder().run(QStringList{"sweep"} + more, shell);
    }
    nlohmann::json standings(const QString &out) const { return parseJson(sweep({"--json", "--out", out}).out.toStdString()); }

    std::unique_ptr<CommandFolder> m_folder;
};

void TestSweep::everyCombinationIsATrial()
{
    const std::vector<Settings> grid = gridOf({{"a", {"1", "2"}}, {"b", {"x", "y", "z"}}});
    QCOMPARE(grid.size(), size_t(6));
    QVERIFY((grid[0] == Settings{{"a", "1"}, {"b", "x"}}));
    QVERIFY((grid[2] == Settings{{"a", "1"}, {"b", "z"}}));
    QVERIFY((grid[3] == Settings{{"a", "2"}, {"b", "x"}}));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, gridOf({{.name = "a", .low = 0, .high = 1}}));
    const SweptSetting many{"a", std::vector<std::string>(40, "1")};
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, gridOf({many, many}));
}

void TestSweep::drawnTrialsAreAFunctionOfTheSeed()
{
    const std::vector<SweptSetting> swept{
        {.name = "rate", .low = 1e-4, .high = 1, .logarithmic = true}, {.name = "width", .low = 3, .high = 6, .whole = true}, {"kind", {"p", "q"}}};
    const std::vector<Settings> drawn = drawnFrom(swept, 200, 7);
    QVERIFY(drawn == drawnFrom(swept, 200, 7));
    QVERIFY(drawn != drawnFrom(swept, 200, 8));
    const std::vector<Settings> fewer = drawnFrom(swept, 50, 7);
    QVERIFY(std::equal(fewer.begin(), fewer.end(), drawn.begin()));
    int below = 0;
    std::set<std::string> widths;
    for (const Settings &trial : drawn) {
        const double rate = std::stod(trial[0].second);
        QVERIFY(rate >= 1e-4 && rate <= 1 && trial[0].second.size() <= 9);
        below += rate < 1e-2; // half of them, on a logarithmic scale
        widths.insert(trial[1].second);
    }
    QVERIFY(below > 70 && below < 130);
    QVERIFY((widths == std::set<std::string>{"3", "4", "5", "6"}));
    QCOMPARE(std::set<Settings>(drawn.begin(), drawn.end()).size(), size_t(200));
    QCOMPARE(drawnFrom({{"a", {"1", "2"}}, {"b", {"1", "2"}}}, 4, 1).size(), size_t(4)); // all there are
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, drawnFrom({{"a", {"1", "2"}}}, 3, 1));
}

void TestSweep::rungsHaveTheBestAndMoreSteps()
{
    QVERIFY((rungsOf(sweepOf(9, 18, 3)) == std::vector<Rung>{{2, 9}, {6, 3}, {18, 1}}));
    QVERIFY((rungsOf(sweepOf(11, 20, 3)) == std::vector<Rung>{{2, 11}, {6, 3}, {18, 1}})); // what cannot be divided is left out
    QVERIFY((rungsOf(sweepOf(11, 20, 0)) == std::vector<Rung>{{20, 11}}));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, rungsOf(sweepOf(2, 20, 3)));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, rungsOf(sweepOf(9, 8, 3)));
    const TrialResult failed{.over = true, .failed = true, .results = {{"knn", 0.99}}}, without{.over = true, .loss = 0.1};
    const std::vector<std::pair<size_t, TrialResult>> results{{0, failed}, {1, knnOf(0.5)}, {2, without}, {3, knnOf(0.7)}, {4, knnOf(0.5)}};
    QVERIFY((bestOf(results, 5) == std::vector<size_t>{3, 1, 4, 2, 0}));
    QVERIFY((bestOf(results, 2) == std::vector<size_t>{3, 1}));
}

/// The same runs as `pretext train` makes of the settings, to the last digit.
void TestSweep::trialsAreRuns()
{
    const CommandResult swept = sweep(kSmall + QStringList{"--set", "temperature=0.1,0.50", "--set", "seed=1,2", "--steps", "5", "--out", "grid"});
    QVERIFY2(swept.status == 0 && swept.out.contains("4 trials of 5 steps") && swept.out.contains("best: trial-000"), qPrintable(swept.out + swept.error));
    const CommandResult trained = folder().run(
        QStringList{"train"} + kSmall + QStringList{"--set", "temperature=0.5", "--seed", "1", "--steps", "5", "--evaluate-every", "5", "--out", "alone"});
    QVERIFY2(trained.status == 0, qPrintable(trained.error));
    QCOMPARE(rowsWithoutSeconds(folder().at("grid/trial-0003")), rowsWithoutSeconds(folder().at("alone")));
    QVERIFY(rowsWithoutSeconds(folder().at("grid/trial-0003")) != rowsWithoutSeconds(folder().at("grid/trial-0004")));
    QVERIFY(folder().run({"evaluate", "grid/trial-0002", "--no-baselines"}).status == 0);
    QCOMPARE(parseJson(folder().run({"runs", "--json"}).out.toStdString()).size(), size_t(5));
    const nlohmann::json json = standings("grid");
    QCOMPARE(json["trials"].size(), size_t(4));
    QVERIFY(json["trials"][0]["results"]["knn"] >= json["trials"][1]["results"]["knn"]);
    QCOMPARE(json["trials"][0]["step"].get<int>(), 5);
    QCOMPARE(eventsOfKind(folder().at("grid/trial-0001"), "resume"), int64_t(0)); // was there already
    QCOMPARE(summarise(folder().at("grid/trial-0001")).name(), std::string("grid/trial-0001"));
}

/// As a window that has it open writes it: it keeps its result, and nobody waits for it.
void TestSweep::aTrialThatIsLookedAtIsDone()
{
    const CommandResult swept = sweep(kSmall + QStringList{"--set", "seed=1", "--steps", "5", "--out", "grid"});
    QVERIFY2(swept.status == 0, qPrintable(swept.error));
    const std::filesystem::path run = folder().at("grid/trial-0001");
    const TrialResult before = resultAt(run, 5);
    const RunLock window(run);
    for (const char *event : {R"({"kind":"resume","step":5})", R"({"kind":"end","step":5})"})
        std::ofstream(run / "events.jsonl", std::ios::app) << event << '\n';
    const TrialResult now = resultAt(run, 5);
    QVERIFY(before.over && now.over && now.named("knn"));
    QCOMPARE(now.named("knn"), before.named("knn"));
    const NextTrial next = takeTrial(folder().at("grid"), readSweep(folder().at("grid")));
    QVERIFY(!next.taken && next.elsewhere.empty());
    std::ofstream(run / "events.jsonl", std::ios::app) << R"({"kind":"pause","step":5})" << '\n'; // as at the end of a rung
    QVERIFY(resultAt(run, 5).over);
    QVERIFY(!resultAt(run, 6).over);
}

/// One rule for all: whatever the method or the encoder of a trial does not have is no part of it.
void TestSweep::aKnobThatATrialLacksIsLeftOut()
{
    const QStringList data = {"--dataset", "pictures", "--size", "8", "--threads", "1"};
    const QStringList arguments = data + QStringList{"--set", "temperature=0.1,0.2", "--set", "method=simclr,byol", "--set",   "batch=4,08",
                                                     "--set", "encoder=mlp,convnet", "--set", "encoder.width=8",    "--steps", "1"};
    const CommandResult swept = sweep(arguments + QStringList{"--out", "methods"});
    QVERIFY2(swept.status == 0, qPrintable(swept.error));
    QVERIFY2(swept.out.contains("12 trials of 1 step"), qPrintable(swept.out)); // two batches, two encoders, simclr at two temperatures and byol
    QVERIFY2(swept.out.contains("temperature is left out of the trials with byol, which has no such knob"), qPrintable(swept.out));
    QVERIFY2(swept.out.contains("method byol, batch 8, encoder mlp: step 1"), qPrintable(swept.out));
    const Sweep there = readSweep(folder().at("methods"));
    std::set<std::string> configs;
    for (const SweepTrial &trial : there.trials) {
        QCOMPARE(settingIn(trial.settings, "temperature").empty(), trial.config.method == "byol");
        configs.insert(toJson(trial.config).dump());
    }
    QCOMPARE(configs.size(), size_t(12)); // no two alike
    const CommandResult alone = folder().run(QStringList{"train"} + data
                                             + QStringList{"--method", "byol", "--batch", "8", "--encoder", "mlp", "--set", "encoder.width=8", "--steps", "1",
                                                           "--evaluate-every", "1", "--out", "alone"});
    QVERIFY2(alone.status == 0, qPrintable(alone.error));
    const auto same = std::ranges::find_if(
        there.trials, [](const SweepTrial &trial) { return trial.config.method == "byol" && trial.config.batch == 8 && trial.config.encoder == "mlp"; });
    QCOMPARE(rowsWithoutSeconds(trialFolder(folder().at("methods"), size_t(same - there.trials.begin()))), rowsWithoutSeconds(folder().at("alone")));
    const CommandResult drawn = sweep(data
                                      + QStringList{"--set", "method=byol,simclr", "--set", "temperature=0.1..0.5", "--set", "seed=1,2,3", "--random", "6",
                                                    "--steps", "1", "--out", "drawn"});
    QVERIFY2(drawn.status == 0, qPrintable(drawn.error));
    configs.clear();
    for (const SweepTrial &trial : readSweep(folder().at("drawn")).trials)
        configs.insert(toJson(trial.config).dump());
    QCOMPARE(configs.size(), size_t(6));
}

void TestSweep::halvingKeepsTheBest()
{
    const QStringList arguments = kSmall + QStringList{"--set", "temperature=0.05..0.5", "--set", "learning_rate=..", "--random", "9", "--steps", "18"};
    const CommandResult swept = sweep(arguments + QStringList{"--halving", "3", "--out", "halved"});
    QVERIFY2(swept.status == 0 && swept.out.contains("9 trials of 2 steps, the best 3 to 6 steps, the best 1 to 18 steps"),
             qPrintable(swept.out + swept.error));
    std::vector<std::pair<size_t, TrialResult>> results;
    for (size_t trial = 0; trial < 9; ++trial)
        results.emplace_back(trial, resultAt(trialFolder(folder().at("halved"), trial), 2));
    QVERIFY(std::ranges::all_of(results, [](const auto &trial) { return trial.second.over && trial.second.named("knn"); }));
    for (const int64_t steps : {2, 6}) {
        const std::vector<size_t> best = bestOf(results, steps == 2 ? 3 : 1);
        std::vector<std::pair<size_t, TrialResult>> next;
        for (const auto &[trial, result] : results) {
            const bool goesOn = std::ranges::find(best, trial) != best.end();
            const size_t rows = readMetrics(trialFolder(folder().at("halved"), trial) / "metrics.csv").rows.size();
            QVERIFY2(goesOn ? rows >= size_t(3 * steps) : rows == size_t(steps), trialFolder({}, trial).c_str());
            if (goesOn)
                next.emplace_back(trial, resultAt(trialFolder(folder().at("halved"), trial), 3 * steps));
        }
        results = next;
    }
    QVERIFY2(swept.out.contains("best: " + QString::fromStdString(trialFolder({}, results[0].first).string())), qPrintable(swept.out));
    // The winner took the very steps of a trial that was never stopped.
    const CommandResult whole = sweep(arguments + QStringList{"--evaluate-every", "2", "--out", "whole"});
    QVERIFY2(whole.status == 0, qPrintable(whole.error));
    QCOMPARE(rowsWithoutSeconds(trialFolder(folder().at("halved"), results[0].first)), rowsWithoutSeconds(trialFolder(folder().at("whole"), results[0].first)));
}

void TestSweep::theMedianRuleEndsTheWorse()
{
    const auto looks = [](std::vector<double> knn) {
        std::vector<TrialLook> all;
        for (size_t i = 0; i < knn.size(); ++i)
            all.push_back({int64_t(10 * (i + 1)), knn[i]});
        return all;
    };
    const std::vector<std::vector<TrialLook>> others{looks({0.3, 0.5, 0.9}), looks({0.4, 0.2, 0.9}), looks({0.1, 0.7, 0.9}), looks({0.9})};
    const std::optional<EarlyStop> stop = stopsEarly(looks({0.2, 0.51}), others, 1); // best by step 20: 0.5, 0.4, 0.7; the fourth did not come so far
    QVERIFY(!stop);
    const std::optional<EarlyStop> worse = stopsEarly(looks({0.45, 0.3}), others, 1);
    QVERIFY(worse && worse->step == 20 && worse->best == 0.45 && worse->median == 0.5 && worse->others == 3);
    QVERIFY(!stopsEarly(looks({0.5, 0.3}), others, 1));                             // as good as the median
    QVERIFY(!stopsEarly(looks({0.45, 0.3}), others, 2));                            // the grace
    QVERIFY(!stopsEarly(looks({0.45, 0.3}), {others[0], others[1], others[3]}, 1)); // two are too few
    QVERIFY(!stopsEarly({}, others, 0));
    const std::optional<EarlyStop> even = stopsEarly(looks({0.32}), others, 0);
    QVERIFY(even && even->others == 4 && std::abs(even->median - 0.35) < 1e-12);
}

/// A learning rate that teaches nothing ends at a look, says so, is not taken again, and what it has is what it would have had.
void TestSweep::trialsAreStoppedEarly()
{
    const QStringList arguments =
        kSmall + QStringList{"--set", "seed=1,2,3", "--set", "learning_rate=0.003,1e-6", "--steps", "3000", "--evaluate-every", "300"};
    const CommandResult swept = sweep(arguments + QStringList{"--stop-early", "2", "--out", "early"});
    QVERIFY2(swept.status == 0, qPrintable(swept.error));
    const nlohmann::json json = standings("early");
    int stopped = 0;
    for (size_t trial = 0; trial < 6; ++trial) {
        const fs::path run = trialFolder(folder().at("early"), trial);
        const std::optional<EarlyStop> stop = stoppedEarly(run);
        const TrialResult result = resultAt(run, 3000);
        QVERIFY(result.over && result.early == stop.has_value());
        QCOMPARE(result.step, stop ? stop->step : int64_t(3000));
        if (!stop)
            continue;
        ++stopped;
        QVERIFY(stop->step >= 900 && stop->step % 300 == 0 && stop->best < stop->median && stop->others >= 3 && result.named("knn"));
        QVERIFY2(swept.out.contains("stopped early at step " + QString::number(stop->step)), qPrintable(swept.out));
    }
    QVERIFY2(stopped > 0, qPrintable(swept.out));
    QCOMPARE(std::ranges::count_if(json["trials"], [](const nlohmann::json &trial) { return trial["state"] == "stopped early"; }), stopped);
    const CommandResult again = sweep({"--out", "early"});
    QVERIFY2(again.status == 0 && !again.out.contains(": step"), qPrintable(again.out)); // none is trained again
    verifyOneLine(sweep(arguments + QStringList{"--out", "early"}), 2, {"--stop-early is 2 there, not 0"});
    // The same where a process is killed between the look and the word of it.
    for (size_t trial = 0; trial < 6; ++trial)
        if (const fs::path run = trialFolder(folder().at("early"), trial); stoppedEarly(run)) {
            const int64_t step = stoppedEarly(run)->step;
            fs::remove(run / "stopped-early.json");
            QCOMPARE(sweep({"--out", "early"}).status, 0);
            QVERIFY(stoppedEarly(run) && stoppedEarly(run)->step >= step);
            break;
        }
}

void TestSweep::minutesAreTheSameStepsForAll()
{
    const CommandResult swept = sweep(kSmall + QStringList{"--set", "temperature=0.1,0.5", "--minutes", "0.005", "--out", "timed"});
    QVERIFY2(swept.status == 0, qPrintable(swept.error));
    const Sweep read = readSweep(folder().at("timed"));
    QVERIFY(read.steps > 0);
    for (size_t trial = 0; trial < 2; ++trial)
        QCOMPARE(int64_t(readMetrics(trialFolder(folder().at("timed"), trial) / "metrics.csv").rows.size()), read.steps);
    QCOMPARE(sweep(kSmall + QStringList{"--set", "temperature=0.1,0.5", "--minutes", "0.005", "--out", "timed"}).status, 0);
    QCOMPARE(readSweep(folder().at("timed")).steps, read.steps);
}

void TestSweep::aTrialThatFailsIsTheWorst()
{
    const QStringList arguments =
        kData + QStringList{"--set", "optimizer=sgd", "--set",    "learning_rate=0.01,10", "--set", "momentum=0.99", "--method", "autoencoder", "--steps",
                            "60",    "--out",         "diverging"};
    const CommandResult swept = sweep(arguments);
    if (!swept.out.contains("failed"))
        QSKIP("this learning rate does not diverge");
    QVERIFY2(swept.status == 0, qPrintable(swept.error));
    QCOMPARE(standings("diverging")["trials"][1]["state"].get<std::string>(), std::string("failed"));
    QVERIFY(swept.out.contains("best: trial-0001"));
}

void TestSweep::severalProcessesTakeDifferentTrials()
{
    const CommandResult both = sweep(kSmall + QStringList{"--set", "seed=1,2,3,4,5,6", "--steps", "150", "--out", "shared"},
                                     "\"$@\" > first & p=$!; \"$@\" > second & q=$!; wait $p && wait $q");
    QVERIFY2(both.status == 0, qPrintable(both.error));
    std::map<std::string, int> ended;
    for (const char *name : {"first", "second"}) {
        std::ifstream file(folder().at(name));
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("trial-") && line.find(": step 150") != std::string::npos)
                ++ended[line.substr(0, 10)];
    }
    QCOMPARE(ended.size(), size_t(6));
    for (const auto &[trial, times] : ended) {
        QCOMPARE(times, 1);
        QCOMPARE(eventsOfKind(folder().at("shared/" + trial), "resume"), int64_t(0));
        QCOMPARE(rowsWithoutSeconds(folder().at("shared/" + trial)).size(), size_t(151));
    }
}

void TestSweep::killedSweepsGoOn_data()
{
    QTest::addColumn<QStringList>("more");
    QTest::newRow("all to their end") << QStringList{};
    QTest::newRow("halving") << QStringList{"--halving", "2"};
}

/// Two processes at a time, killed at random moments, then one to the end: every trial once, and as if nothing had happened.
void TestSweep::killedSweepsGoOn()
{
    QFETCH(QStringList, more);
    const QStringList arguments = kSmall + QStringList{"--set", "temperature=0.1,0.5", "--set", "seed=1,2", "--steps", "3000"} + more;
    sweep({}); // so that the pictures are there
    QElapsedTimer timer;
    timer.start();
    const CommandResult whole = sweep(arguments + QStringList{"--out", "whole"});
    QVERIFY2(whole.status == 0, qPrintable(whole.error));
    const int lasted = int(timer.elapsed());
    std::mt19937 random(uint32_t(more.size()));
    for (int kill = 0; kill < 7; ++kill) {
        const QString shell =
            QString("\"$@\" >& one & p=$!; \"$@\" >& two & q=$!; while [ ! -s killed/trial-0001/metrics.csv ]; do sleep 0.01; done; sleep %1; kill -9 "
                    "$p; sleep %2; kill -9 $q; wait; exit 0");
        const auto seconds = [&](int most) { return QString::number(kill == 0 ? 0 : double(random() % uint32_t(most)) / 1000); }; // the first one at once
        QCOMPARE(sweep(arguments + QStringList{"--out", "killed"}, shell.arg(seconds(lasted / 2), seconds(lasted / 5))).status, 0);
    }
    const CommandResult last = sweep({"--out", "killed"});
    QVERIFY2(last.status == 0, qPrintable(last.error));
    int resumed = 0;
    for (size_t trial = 0; trial < 4; ++trial) {
        const fs::path one = trialFolder(folder().at("killed"), trial), other = trialFolder(folder().at("whole"), trial);
        QCOMPARE(rowsWithoutSeconds(one), rowsWithoutSeconds(other));
        resumed += int(eventsOfKind(one, "resume") > eventsOfKind(other, "resume"));
    }
    QVERIFY(resumed > 0);
    QVERIFY(!fs::exists(folder().at("killed/trial-0005")));
    QCOMPARE(last.out.mid(last.out.indexOf("\n\n")), whole.out.mid(whole.out.indexOf("\n\n")));
}

void TestSweep::aPoliteKillKeepsTheTrialUnderWay()
{
    const CommandResult stopped = sweep(kSmall + QStringList{"--set", "seed=1,2", "--steps", "100000", "--out", "stopped"},
                                        "\"$@\" & p=$!; while [ ! -s stopped/trial-0001/metrics.csv ]; do sleep 0.02; done; kill -TERM $p; wait $p");
    QVERIFY2(stopped.status == 0 && stopped.out.contains("stopped; go on with: pretext sweep --out stopped"), qPrintable(stopped.out + stopped.error));
    QVERIFY(!fs::exists(folder().at("stopped/trial-0002")));
    const int64_t rows = int64_t(readMetrics(folder().at("stopped/trial-0001/metrics.csv")).rows.size());
    QCOMPARE(resumptionOf(folder().at("stopped/trial-0001")).state.step, rows); // nothing is lost
    const CommandResult goneOn = sweep({"--out", "stopped"}, "\"$@\" & p=$!; sleep 2; kill -TERM $p; wait $p");
    QVERIFY2(goneOn.out.contains(QString("trial-0001, seed 1: goes on from step %1").arg(rows)), qPrintable(goneOn.out + goneOn.error));
}

void TestSweep::aTrialUnderWayIsInTheListOfRuns()
{
    const CommandResult killed = sweep(kSmall + QStringList{"--set", "seed=1,2", "--steps", "100000", "--out", "listed"},
                                       "\"$@\" >& told & p=$!; for i in $(seq 600); do \"$1\" runs --where state=training > training; "
                                       "grep -q listed/trial-0001 training && break; sleep 0.05; done; kill -9 $p; wait $p; \"$1\" runs --where state=killed");
    QVERIFY2(killed.status == 0 && killed.out.contains("listed/trial-0001"), qPrintable(killed.out + killed.error));
    std::ifstream training(folder().at("training"));
    QVERIFY(std::string(std::istreambuf_iterator<char>(training), {}).find("listed/trial-0001") != std::string::npos);
}

void TestSweep::anotherSweepIsRefused()
{
    const QStringList arguments = kSmall + QStringList{"--set", "temperature=0.1,0.5", "--out", "there"};
    QCOMPARE(sweep(arguments + QStringList{"--steps", "2"}).status, 0);
    QCOMPARE(sweep(arguments + QStringList{"--steps", "2"}).status, 0);
    verifyOneLine(sweep(arguments + QStringList{"--steps", "3"}), 2, {"there", "another sweep", "--steps is 2 there, not 3"});
    verifyOneLine(sweep(arguments + QStringList{"--steps", "2", "--set", "weight_decay=0.5"}), 2, {"--set is", "not encoder.width=8", "weight_decay=0.5"});
    verifyOneLine(sweep(arguments + QStringList{"--steps", "2", "--method", "byol"}), 2, {"byol"});
    verifyOneLine(sweep({"--out", "there", "--steps", "4"}), 2, {"--steps", "there", "--out alone"});
    verifyOneLine(sweep(kSmall + QStringList{"--set", "temperature=0.1,0.5", "--steps", "2", "--out", "pictures"}), 2, {"pictures", "not empty"});
    folder().write("there/sweep.json", "{\"version\": 1}");
    verifyOneLine(sweep({"--out", "there"}), 1, {"sweep.json"});
}

void TestSweep::mistakesAreNamed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("words");
    const auto row = [](const char *name, const QStringList &arguments, const QStringList &words) { QTest::newRow(name) << arguments << words; };
    row("nothing", {}, {"--set"});
    row("no length", {"--set", "temperature=0.1,0.5"}, {"--steps N or --minutes M"});
    row("two lengths", {"--set", "temperature=0.1,0.5", "--steps", "1", "--minutes", "1"}, {"--steps", "--minutes"});
    row("unknown knob", {"--set", "temprature=0.1,0.5", "--steps", "1"}, {"temprature", "temperature"});
    row("no value", {"--set", "temperature=0.1,", "--steps", "1"}, {"temperature=0.1,"});
    row("beyond its range", {"--set", "temperature=0.1,5000", "--steps", "1"}, {"5000"});
    row("twice", {"--set", "temperature=0.1,0.10", "--steps", "1"}, {"twice"});
    row("a range in a grid", {"--set", "temperature=0.1..0.5", "--steps", "1"}, {"temperature", "range"});
    row("a range of words", {"--set", "optimizer=adamw..sgd", "--random", "2", "--steps", "1"}, {"optimizer", "numbers"});
    row("an empty range", {"--set", "temperature=0.5..0.1", "--random", "2", "--steps", "1"}, {"LEAST..MOST"});
    row("too many are drawn", {"--set", "temperature=0.1,0.5", "--random", "3", "--steps", "1"}, {"3", "2 combinations"});
    row("too few to halve", {"--set", "temperature=0.1,0.5", "--halving", "3", "--steps", "9"}, {"--halving", "2 trials"});
    row("two ways to end", {"--set", "temperature=..", "--random", "9", "--halving", "3", "--stop-early", "2", "--steps", "90"}, {"--halving", "--stop-early"});
    row("both ways", {"--set", "seed=1,2", "--seed", "3", "--steps", "1"}, {"--set seed", "--seed"});
    row("a knob of nobody's", {"--set", "method=byol,vicreg", "--set", "temperature=0.1,0.5", "--steps", "1"}, {"temperature", "knob of simclr"});
    row("the same for all", {"--set", "threads=1,2", "--steps", "1"}, {"threads", "same for all trials"});
    row("an encoder that does not fit", {"--set", "method=simclr,mae", "--steps", "1"}, {"the trial method=mae", "vit"});
    row("no number", {"--set", "batch=4,x", "--steps", "1"}, {"batch", "x"});
}

void TestSweep::mistakesAreNamed()
{
    QFETCH(QStringList, arguments);
    QFETCH(QStringList, words);
    QStringList data = kData;
    if (arguments.join(' ').contains("batch="))
        data.remove(data.indexOf("--batch"), 2);
    if (arguments.isEmpty())
        data.clear();
    verifyOneLine(sweep(data + arguments + QStringList{"--out", "new"}), 2, words);
    QVERIFY(!fs::exists(folder().at("new")));
}

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
