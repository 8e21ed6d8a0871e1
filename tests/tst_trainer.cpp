// The trainer, on toy data: what commands do and when, what is written, how a fault ends a run, and that equal runs are equal.
#include "core/engine/job.h"
#include "core/engine/replay.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "core/files/regularfile.h"
#include "core/files/safetensors.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// A run folder in a temporary place.
struct Place
{
    QTemporaryDir folder;
    fs::path operator/(const char *name) const { return fs::path(folder.path().toStdString()) / name; }
};

/// metrics.csv without its seconds column, as text.
std::string metricsText(const fs::path &run)
{
    std::ifstream file(run / "metrics.csv");
    std::string text;
    for (std::string line; std::getline(file, line);) {
        const size_t first = line.find(','), second = line.find(',', first + 1);
        text += line.substr(0, first) + line.substr(second) + "\n";
    }
    return text;
}

/// A job that a test drives step by step.
class Driven
{
public:
    explicit Driven(TrainerOptions options, std::set<std::string> wanted = {})
    {
        options.startPaused = true;
        auto lanes = std::make_unique<Lanes>();
        lanes->snapshotSeconds = 0;
        lanes->wanted.set(std::move(wanted));
        m_job = std::make_unique<Job>(std::move(options), std::move(lanes));
    }

    Lanes &lanes() { return m_job->lanes(); }
    void post(Command command) { lanes().commands.post(std::move(command)); }
    Status status() { return lanes().status.latest(); }
    bool waitFor(auto condition)
    {
        return QTest::qWaitFor(
            [&] {
                drain();
                return condition(status());
            },
            20000);
    }
    bool steps(int64_t count)
    {
        const int64_t target = status().step + count;
        post(StepOnce{count});
        return waitFor([&](const Status &s) { return s.step == target && s.state != TrainerState::playing; });
    }
    bool ready()
    {
        return waitFor([](const Status &s) { return s.state != TrainerState::starting; });
    }
    bool event(const std::string &kind)
    {
        return waitFor([&](const Status &) { return std::any_of(events.begin(), events.end(), [&](const Event &e) { return e.kind == kind; }); });
    }
    const Event *find(const std::string &kind, const std::string &name = {}) const
    {
        for (const Event &event : events)
            if (event.kind == kind && (name.empty() || event.name == name))
                return &event;
        return nullptr;
    }
    void drain()
    {
        const Log::Drained news = lanes().log.drain();
        rows.insert(rows.end(), news.rows.begin(), news.rows.end());
        events.insert(events.end(), news.events.begin(), news.events.end());
    }

    std::vector<ScalarRow> rows;
    std::vector<Event> events;

private:
    std::unique_ptr<Job> m_job;
};

double scalarOf(const ScalarRow &row, const std::string &channel)
{
    for (const auto &[name, value] : row.values)
        if (name == channel)
            return value;
    return std::numeric_limits<double>::quiet_NaN();
}

void resume(TrainerOptions &options, const fs::path &checkpoint)
{
    options.start = Resumed{checkpoint};
    options.config = readCheckpointState(checkpoint).config;
}

/// Another run, from a step of this one; on the data of `parent`.
TrainerOptions forked(const TrainerOptions &parent, int64_t step, const fs::path &out)
{
    TrainerOptions options = parent;
    const Resumption fork = forkOf(checkpointOf({parent.out, step}));
    options.start = fork.options.start;
    options.config = fork.options.config;
    options.out = out;
    return options;
}

/// The header, and the rows after a step.
std::string metricsAfter(const fs::path &run, int64_t step)
{
    const std::string text = metricsText(run);
    const std::string header = text.substr(0, text.find('\n') + 1), first = "\n" + std::to_string(step + 1) + ",";
    const size_t at = text.find(first);
    return at == std::string::npos ? header : header + text.substr(at + 1);
}

void compareTensors(const fs::path &a, const fs::path &b)
{
    const SafetensorsFile first = readSafetensors(a), second = readSafetensors(b);
    QCOMPARE(first.tensors.size(), second.tensors.size());
    for (const auto &[name, tensor] : first.tensors)
        QVERIFY2(tensor.bytes == second.tensors.at(name).bytes, name.c_str());
}

} // namespace

class TestTrainer : public QObject
{
    Q_OBJECT
private slots:
    void trainsToItsEndAndWritesEveryRow();
    void lossFalls_data() { everyMethod(); }
    void lossFalls();
    void gradientReachesEveryParameter_data() { everyMethod(); }
    void gradientReachesEveryParameter();
    void equalRunsWriteEqualMetrics();
    void resumeContinuesBitForBit_data();
    void resumeContinuesBitForBit();
    void resumeOfTextContinuesBitForBit_data();
    void resumeOfTextContinuesBitForBit();
    void aForkTakesTheStepsOfItsParent_data();
    void aForkTakesTheStepsOfItsParent();
    void aForkRewindsToWhereItBegan();
    void aForkWithoutACheckpointBeginsAgain();
    void aForkWithAnotherKnobDiffersFromThere();
    void anyStepIsReachedAgain();
    void aRunGoesBackToAnyStep();
    void stepsThatCannotBeTakenAgainAreRefused();
    void aChangeOfAKnobKeepsTheStateBefore();
    void aStepIsReplayedAsItWas();
    void aStepThatWasNotFiniteIsReplayed();
    void minutesBecomeSteps();
    void aLiveKnobActsAtTheNextStep();
    void aKnobOfTheDataIsAcknowledgedByItsFirstBatch();
    void aSnapshotAsksNothingOfTheData();
    void theNoiseOfImagesIsTurnedWhileItRuns();
    void aRestartKnobAndAWrongValueAreRefused();
    void pauseHoldsUntilPlay();
    void stopReturnsWhileTheLoaderIsBehind();
    void stopReturnsWhileTheQueueIsFull();
    void rewindGivesTheSameStepsAgain_data();
    void rewindGivesTheSameStepsAgain();
    void extendMovesTheEnd();
    void aMovedEndIsExact_data();
    void aMovedEndIsExact();
    void aBatchThatCannotFitIsRefused();
    void snapshotHoldsWhatIsWanted();
    void publishShowsAPausedStep();
    void atRestTheSoftmaxFollowsTheTemperature();
    void aRunAtRestShowsItsNextBatchAndStaysAsItWas_data();
    void aRunAtRestShowsItsNextBatchAndStaysAsItWas();
    void anEndedRunThatIsOpenedShowsABatch();
    void anExplodingRunStopsAndCanBeResumed();
    void aNanInGivenWeightsIsNamed();
    void aFaultOfTheDataNamesTheStep();
    void aBatchLargerThanTheDataIsRefused();
    void initListsWhatDoesNotFit();

private:
    void everyMethod();
};

void TestTrainer::everyMethod()
{
    QTest::addColumn<QString>("method");
    for (const MethodType &type : methodTypes())
        if (trainsOn(type, Modality::image)) // tst_methods has all of them
            QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
}

void TestTrainer::trainsToItsEndAndWritesEveryRow()
{
    Place place;
    Lanes lanes;
    const Status status = trainToy(toyOptions(5, place / "run"), lanes);
    QCOMPARE(QString::fromStdString(status.failure), QString());
    QVERIFY(status.state == TrainerState::ended);
    const MetricsTable table = readMetrics(place / "run" / "metrics.csv");
    QCOMPARE(table.columns[2], std::string("loss/total"));
    const Log::Drained drained = lanes.log.drain();
    QCOMPARE(table.rows.size(), size_t(5));
    QCOMPARE(drained.rows.size(), size_t(5));
    for (int i = 0; i < 5; ++i) {
        QCOMPARE(table.rows[i][0], double(i + 1));
        for (size_t c = 2; c < table.columns.size(); ++c) {
            QVERIFY(std::isfinite(table.rows[i][c]));
            QCOMPARE(table.rows[i][c], scalarOf(drained.rows[i], table.columns[c]));
        }
    }
    QVERIFY(fs::exists(place / "run" / "checkpoints" / "step-00000005.safetensors"));
    QCOMPARE(loadConfig(place / "run" / "config.json").knobs.values().size(), toyConfig(5).knobs.values().size());
}

void TestTrainer::lossFalls()
{
    QFETCH(QString, method);
    Lanes lanes;
    TrainerOptions options = toyOptions(150);
    options.config = toyConfig(150, method.toStdString());
    options.dataset = toyImagesFor(method.toStdString());
    options.config.knobs.set("learning_rate", 0.01);
    QVERIFY(trainToy(options, lanes).state == TrainerState::ended);
    const auto rows = lanes.log.drain().rows;
    const auto mean = [&](size_t from) {
        double sum = 0;
        for (size_t i = from; i < from + 20; ++i)
            sum += scalarOf(rows[i], "loss/total");
        return sum / 20;
    };
    QVERIFY2(mean(130) < mean(0) - methodType(method.toStdString()).fall, qPrintable(QString("%1 to %2").arg(mean(0)).arg(mean(130))));
}

void TestTrainer::gradientReachesEveryParameter()
{
    QFETCH(QString, method);
    SilentRecorder nobody;
    const RunConfig config = toyConfig(1, method.toStdString());
    Model model = makeModel(config, config.image);
    const MethodType &type = methodType(config.method);
    Loader loader(toyImagesFor(config.method), config.knobs,
                  {.batchSize = 16, .views = type.views, .seed = 1, .ahead = 0, .maker = makerOf(type, Modality::image)});
    const auto batch = loader.next(0, {});
    backward(model.method->loss(*model.encoder, stepInput(*batch, config, 0, nullptr, nobody)));
    for (const NamedParameter &parameter : parametersOf(model)) {
        QVERIFY2(parameter.variable.grad().defined(), parameter.name.c_str());
        double size = 0;
        for (float g : parameter.variable.grad().toHost())
            size += std::abs(g);
        QVERIFY2(std::isfinite(size), parameter.name.c_str());
        // A bias before batch norm has no effect, by design of the layers there is none.
        QVERIFY2(size > 0, parameter.name.c_str());
    }
}

void TestTrainer::equalRunsWriteEqualMetrics()
{
    Place place;
    for (const char *name : {"inline", "threaded"}) {
        Lanes lanes;
        TrainerOptions options = toyOptions(12, place / name);
        options.loaderAhead = std::string(name) == "inline" ? 0 : 3;
        QVERIFY(trainToy(options, lanes).state == TrainerState::ended);
    }
    QCOMPARE(metricsText(place / "inline"), metricsText(place / "threaded"));
    compareTensors(place / "inline" / "checkpoints" / "step-00000012.safetensors", place / "threaded" / "checkpoints" / "step-00000012.safetensors");

    Lanes lanes;
    TrainerOptions other = toyOptions(12, place / "other");
    other.config.seed = 2;
    QVERIFY(trainToy(other, lanes).state == TrainerState::ended);
    QVERIFY(metricsText(place / "other") != metricsText(place / "inline"));
}

void TestTrainer::resumeContinuesBitForBit_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("knob"); // a live one of the method's
    QTest::addColumn<double>("value");
    QTest::newRow("heads alone") << "simclr"
                                 << "temperature" << 0.7;
    QTest::newRow("a teacher") << "byol"
                               << "teacher.momentum" << 0.6;
    QTest::newRow("a teacher and a queue") << "moco"
                                           << "temperature" << 0.3;
}

void TestTrainer::resumeContinuesBitForBit()
{
    QFETCH(QString, method);
    QFETCH(QString, knob);
    QFETCH(double, value);
    Place place;
    const auto toyOptions = [&](int64_t steps, const fs::path &out) {
        TrainerOptions options = ::pretext::toyOptions(steps, out);
        options.config = toyConfig(steps, method.toStdString());
        return options;
    };
    const auto firstHalf = [&](Driven &run) {
        QVERIFY(run.ready());
        QVERIFY(run.steps(5));
        run.post(SetKnob{knob.toStdString(), value});
        run.post(SetKnob{"learning_rate", 0.02});
        run.post(SetKnob{"momentum", 0.8});
        run.post(SetKnob{"flip", false});
        QVERIFY(run.steps(5));
    };
    {
        Driven whole(toyOptions(20, place / "whole"));
        firstHalf(whole);
        whole.post(Play{});
        QVERIFY(whole.waitFor([](const Status &s) { return s.state == TrainerState::ended; }));
    }
    {
        Driven half(toyOptions(20, place / "half"));
        firstHalf(half);
        half.steps(3); // past the checkpoint that is resumed from
    }
    TrainerOptions rest = toyOptions(20, place / "half");
    resume(rest, place / "half" / "checkpoints" / "step-00000010.safetensors");
    QCOMPARE(rest.config.knobs.real(knob.toStdString()), value);
    Lanes lanes;
    const Status status = trainToy(rest, lanes);
    QCOMPARE(QString::fromStdString(status.failure), QString());
    QCOMPARE(metricsText(place / "half"), metricsText(place / "whole"));
    compareTensors(place / "half" / "checkpoints" / "step-00000020.safetensors", place / "whole" / "checkpoints" / "step-00000020.safetensors");

    QCOMPARE(readMetrics(place / "half" / "metrics.lost.csv").rows.size(), size_t(3));
    bool said = false;
    for (const Event &event : readEvents(place / "half" / "events.jsonl"))
        said |= event.kind == "resume" && event.step == 10
                && event.message == "3 rows past this step moved to metrics.lost.csv; 1 checkpoint past this step moved to checkpoints/lost";
    QVERIFY(said);
}

void TestTrainer::resumeOfTextContinuesBitForBit_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"mlm", "denoise", "simcse"})
        QTest::newRow(method) << method;
}

void TestTrainer::resumeOfTextContinuesBitForBit()
{
    QFETCH(QString, method);
    Place place;
    qputenv("XDG_CACHE_HOME", (place / "cache").string().c_str());
    const auto options = [&](const char *name) {
        TrainerOptions options = toyOptions(12, place / name);
        options.config = toyConfig(12, method.toStdString(), "transformer");
        options.config.knobs.set("encoder.dropout", 0.1);
        options.dataset = std::make_shared<ToyText>();
        return options;
    };
    Lanes lanes;
    QVERIFY(trainToy(options("whole"), lanes).state == TrainerState::ended);
    {
        Driven half(options("half"));
        QVERIFY(half.ready() && half.steps(5));
        half.post(SaveCheckpoint{});
        QVERIFY(half.event("checkpoint") && half.steps(2));
    }
    std::filesystem::remove_all(place / "cache"); // the checkpoint has the tokenizer
    TrainerOptions rest = options("half");
    resume(rest, place / "half" / "checkpoints" / "step-00000005.safetensors");
    Lanes again;
    const Status status = trainToy(rest, again);
    QCOMPARE(QString::fromStdString(status.failure), QString());
    QCOMPARE(metricsText(place / "half"), metricsText(place / "whole"));
    compareTensors(place / "half" / "checkpoints" / "step-00000012.safetensors", place / "whole" / "checkpoints" / "step-00000012.safetensors");
}

void TestTrainer::aForkTakesTheStepsOfItsParent_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"simclr", "byol", "moco", "mlm"}) // heads alone, a teacher, a queue, a tokenizer
        QTest::newRow(method) << method;
}

void TestTrainer::aForkTakesTheStepsOfItsParent()
{
    QFETCH(QString, method);
    Place place;
    qputenv("XDG_CACHE_HOME", (place / "cache").string().c_str());
    const bool text = method == "mlm";
    TrainerOptions parent = toyOptions(12, place / "parent");
    parent.config = toyConfig(12, method.toStdString(), text ? "transformer" : "mlp");
    if (text) {
        parent.config.knobs.set("encoder.dropout", 0.1);
        parent.dataset = std::make_shared<ToyText>();
    }
    {
        Driven run(parent);
        QVERIFY(run.ready() && run.steps(3));
        run.post(SetKnob{"learning_rate", 0.02}); // the fork has it, too
        QVERIFY(run.steps(3));
        run.post(SaveCheckpoint{});
        QVERIFY(run.event("checkpoint") && run.steps(6));
    }
    fs::remove_all(place / "cache");
    const std::string before = metricsText(place / "parent");
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(forked(parent, 6, place / "fork"), lanes).failure), QString());

    QCOMPARE(readMetrics(place / "fork" / "metrics.csv").rows.size(), size_t(6));
    QCOMPARE(metricsText(place / "fork"), metricsAfter(place / "parent", 6));
    compareTensors(place / "fork" / "checkpoints" / "step-00000012.safetensors", place / "parent" / "checkpoints" / "step-00000012.safetensors");
    QCOMPARE(metricsText(place / "parent"), before);
    const RunConfig written = loadConfig(place / "fork" / "config.json");
    QVERIFY(written.parent == (Parent{place / "parent", 6}));
    QVERIFY(readCheckpointState(place / "fork" / "checkpoints" / "step-00000012.safetensors").config.parent == written.parent);
    QCOMPARE(readEvents(place / "fork" / "events.jsonl").front().message, "goes on from step 6 of " + (place / "parent").string());

    TrainerOptions again = toyOptions(0, place / "again"); // its settings, from the start: no fork
    again.dataset = parent.dataset;
    again.config = written;
    again.config.steps = 1;
    Lanes others;
    QCOMPARE(QString::fromStdString(trainToy(again, others).failure), QString());
    QVERIFY(!loadConfig(place / "again" / "config.json").parent);
}

void TestTrainer::aForkRewindsToWhereItBegan()
{
    Place place;
    const TrainerOptions parent = toyOptions(30, place / "parent");
    {
        Driven run(parent);
        QVERIFY(run.ready() && run.steps(4));
        run.post(SaveCheckpoint{});
        QVERIFY(run.event("checkpoint"));
    }
    std::string first;
    {
        Driven run(forked(parent, 4, place / "fork"));
        QVERIFY(run.ready());
        for (int i = 0; i < 6; ++i) // more checkpoints than are kept
            QVERIFY(run.steps(1));
        first = metricsText(place / "fork");
    }
    fs::remove_all(place / "parent"); // of which the fork is independent
    TrainerOptions rest = parent;
    rest.out = place / "fork";
    resume(rest, findCheckpoint(place / "fork"));
    Driven run(rest);
    QVERIFY(run.ready());
    QCOMPARE(run.status().step, int64_t(10));
    run.post(Rewind{});
    QVERIFY(run.waitFor([](const Status &s) { return s.step == 4; }));
    QVERIFY(run.steps(6));
    QCOMPARE(metricsText(place / "fork"), first);
    QVERIFY(!run.find("gap")); // the steps before are its parent's
}

void TestTrainer::aForkWithoutACheckpointBeginsAgain()
{
    Place place;
    const TrainerOptions parent = toyOptions(8, place / "parent");
    {
        Driven run(parent);
        QVERIFY(run.ready() && run.steps(4));
        run.post(Play{});
        QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::ended; }));
    }
    Lanes lanes;
    QVERIFY(trainToy(forked(parent, 4, place / "fork"), lanes).state == TrainerState::ended);
    const std::string first = metricsText(place / "fork");
    fs::remove_all(place / "fork" / "checkpoints");
    TrainerOptions rest = resumptionOf(place / "fork").options;
    QVERIFY(beginsAgain(rest.start));
    rest.dataset = parent.dataset;
    rest.loaderAhead = 0;
    Lanes others;
    QCOMPARE(QString::fromStdString(trainToy(rest, others).failure), QString());
    QCOMPARE(metricsText(place / "fork"), first);
    QVERIFY(fs::exists(place / "fork" / "checkpoints" / "step-00000004.safetensors"));
}

void TestTrainer::aForkWithAnotherKnobDiffersFromThere()
{
    Place place;
    const TrainerOptions parent = toyOptions(8, place / "parent");
    {
        Driven run(parent);
        QVERIFY(run.ready() && run.steps(4));
        run.post(Play{});
        QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::ended; }));
    }
    TrainerOptions options = forked(parent, 4, place / "fork");
    options.config.steps = 10;
    Lanes lanes;
    lanes.commands.post(SetKnob{"temperature", 0.9});
    QCOMPARE(QString::fromStdString(trainToy(options, lanes).failure), QString());
    const MetricsTable table = readMetrics(place / "fork" / "metrics.csv"), before = readMetrics(place / "parent" / "metrics.csv");
    QCOMPARE(table.rows.size(), size_t(6));
    QVERIFY(table.rows[0][2] != before.rows[4][2]);
    const std::vector<Event> events = readEvents(place / "fork" / "events.jsonl");
    QVERIFY(
        std::any_of(events.begin(), events.end(), [](const Event &event) { return event.kind == "knob" && event.name == "temperature" && event.step == 5; }));
    QCOMPARE(loadConfig(place / "fork" / "config.json").steps, int64_t(10));
}

namespace {

template<class Work>
std::string refusal(Work work)
{
    try {
        work();
        return "";
    } catch (const std::exception &error) {
        return error.what();
    }
}

/// Checkpoints at 0, 5 and 20; knobs that act at once and with the next batch change at 8 and 11; and what came after 9 was once otherwise.
TrainerOptions parentWithAHistory(const fs::path &out)
{
    TrainerOptions parent = toyOptions(20, out);
    {
        Driven run(parent);
        if (!run.ready() || !run.steps(5))
            return parent;
        run.post(SaveCheckpoint{});
        run.steps(2);
        run.post(SetKnob{"temperature", 0.9});
        run.steps(2);
        run.post(SetKnob{"temperature", 0.2});
        run.steps(4);
    }
    for (const fs::path &path : RunFolder::resume(out, 13).checkpoints())
        if (stepOf(path) != 0 && stepOf(path) != 5)
            fs::remove(path);
    const TrainerOptions before = parent;
    const Resumption back = resumptionOf(out, 9);
    parent.start = back.options.start;
    parent.config = back.options.config;
    {
        Driven run(parent);
        if (!run.ready() || !run.steps(1))
            return parent;
        run.post(SetKnob{"flip", true});
        run.post(SetKnob{"noise", true});
        run.steps(10);
    }
    for (const fs::path &path : RunFolder::resume(out, 20).checkpoints())
        if (stepOf(path) != 0 && stepOf(path) != 5 && stepOf(path) != 20)
            fs::remove(path);
    return before;
}

TrainerOptions forkedAt(const TrainerOptions &parent, int64_t step, const fs::path &out)
{
    TrainerOptions options = parent;
    const Resumption fork = forkOf(parent.out, step);
    options.start = fork.options.start;
    options.config = fork.options.config;
    options.out = out;
    return options;
}

} // namespace

void TestTrainer::anyStepIsReachedAgain()
{
    Place place;
    const TrainerOptions parent = parentWithAHistory(place / "parent");
    QCOMPARE(readMetrics(place / "parent" / "metrics.csv").rows.size(), size_t(20));
    for (const int64_t step : {0, 4, 5, 7, 8, 9, 10, 11, 15, 20}) {
        const fs::path out = place / std::to_string(step).c_str();
        TrainerOptions options = forkedAt(parent, step, out);
        options.loaderAhead = int(step % 3);
        options.config.steps = 20;
        Lanes lanes;
        QCOMPARE(QString::fromStdString(trainToy(options, lanes).failure), QString());
        QVERIFY(loadConfig(out / "config.json").parent == (Parent{place / "parent", step}));
        if (step == 20)
            continue;
        const MetricsTable mine = readMetrics(out / "metrics.csv"), its = readMetrics(place / "parent" / "metrics.csv");
        QCOMPARE(int64_t(mine.rows.front().front()), step + 1);
        const auto sameRow = [&](int64_t row) {
            return std::equal(mine.rows[row - step - 1].begin() + 2, mine.rows[row - step - 1].end(), its.rows[row - 1].begin() + 2);
        };
        const int64_t changed = step < 8 ? 7 : step < 11 ? 10 : 20; // the last step before the parent's next change
        for (int64_t row = step + 1; row <= changed; ++row)
            QVERIFY2(sameRow(row), qPrintable(QString("fork of %1 at %2").arg(step).arg(row)));
        if (changed < 20)
            QVERIFY(!sameRow(changed + 1));
    }
    compareTensors(place / "11" / "checkpoints" / "step-00000020.safetensors", place / "parent" / "checkpoints" / "step-00000020.safetensors");
}

void TestTrainer::aRunGoesBackToAnyStep()
{
    Place place;
    TrainerOptions parent = parentWithAHistory(place / "parent");
    const std::string before = metricsText(place / "parent");
    const Resumption back = resumptionOf(place / "parent", 14);
    parent.start = back.options.start;
    parent.config = back.options.config;
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(parent, lanes).failure), QString());
    QCOMPARE(metricsText(place / "parent"), before);
    QVERIFY(fs::exists(place / "parent" / "checkpoints" / "step-00000014.safetensors"));
    const std::vector<Event> events = readEvents(place / "parent" / "events.jsonl");
    const auto resumed = std::find_if(events.rbegin(), events.rend(), [](const Event &event) { return event.kind == "resume"; });
    QCOMPARE(QString::fromStdString(resumed->message),
             QString("from the checkpoint of step 5, steps 6 to 14 were taken again; 6 rows past this step moved to metrics.lost.csv; 1 checkpoint past this "
                     "step moved to checkpoints/lost"));
}

void TestTrainer::stepsThatCannotBeTakenAgainAreRefused()
{
    Place place;
    const TrainerOptions parent = parentWithAHistory(place / "parent");
    const std::string run = (place / "parent").string();
    QCOMPARE(refusal([&] { forkOf(run, 21); }), run + ": is at step 20; step 21 is still to come");
    fs::remove(checkpointIn(run, 0));
    QCOMPARE(refusal([&] { forkOf(run, 3); }), run + ": no checkpoint is kept of step 3 or of one before; the first is step-00000005.safetensors");
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(forkedAt(parent, 12, place / "fork"), lanes).failure), QString());
    QCOMPARE(refusal([&] { forkOf(place / "fork", 11); }),
             (place / "fork").string() + ": was forked at step 12 of " + run + ", whose step 11 is; take that run's");
    {
        TrainerOptions longer = parent;
        resume(longer, checkpointIn(run, 20));
        Driven driven(longer);
        QVERIFY(driven.ready());
        driven.post(Extend{30, ScheduleChange::stretch});
        QVERIFY(driven.event("schedule"));
    }
    fs::remove(checkpointIn(run, 20));
    QVERIFY(QString::fromStdString(refusal([&] { forkOf(run, 20); })).isEmpty()); // before the end moved
    fs::rename(place / "parent" / "events.jsonl", place / "events.jsonl");
    QCOMPARE(refusal([&] { forkOf(run, 9); }),
             (place / "parent" / "events.jsonl").string()
                 + ": is missing, and with it which knobs changed between step 5, of which a checkpoint is kept, and step 9; take step 5");
    QCOMPARE(refusal([] { runAtStepNamed("run@two"); }), "run@two: write it as RUN@STEP, the step a whole number from 0 on");
    QCOMPARE(runAtStepNamed("a@b@12").run, fs::path("a@b"));
    QVERIFY(!runAtStepNamed(run).step);
}

void TestTrainer::aChangeOfAKnobKeepsTheStateBefore()
{
    Place place;
    TrainerOptions options = toyOptions(20, place / "run");
    options.checkpointSeconds = 3600;
    Driven run(options);
    QVERIFY(run.ready());
    QVERIFY(run.steps(1)); // saved when it rests
    run.post(StepOnce{1000});
    run.post(SetKnob{"temperature", 0.3});
    QVERIFY(run.event("knob"));
    const int64_t changed = run.find("knob")->step;
    QVERIFY2(fs::exists(checkpointIn(place / "run", changed - 1)), qPrintable(QString::number(changed)));
}

void TestTrainer::aStepIsReplayedAsItWas()
{
    Place place;
    const auto goOn = [](const std::string &, double) { return true; };
    TrainerOptions options = toyOptions(6, place / "run");
    options.dataset = openDataset("shapes");
    options.config = makeConfig("simclr", "mlp", "shapes", options.dataset->info());
    options.config.batch = 8;
    options.config.steps = 6;
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(options, lanes).failure), QString());
    const Replay replay = replayStep(place / "run", 4, 0, goOn);
    QCOMPARE(replay.fault.step, int64_t(0));
    QCOMPARE(replay.row.step, int64_t(4));
    QVERIFY(!replay.kept.empty());
    QCOMPARE(replay.row.values, replay.kept);
    double squares = 0;
    for (const double norm : replay.gradients.gradients)
        squares += norm * norm;
    QVERIFY(std::abs(std::sqrt(squares) - scalarOf(replay.row, "gradient/norm")) < 1e-5 * std::sqrt(squares)); // its parts
    QCOMPARE(refusal([&] { replayStep(place / "run", 9, 0, goOn); }), (place / "run").string() + ": is at step 6; step 8 is still to come");
}

void TestTrainer::aStepThatWasNotFiniteIsReplayed()
{
    Place place;
    TrainerOptions options = toyOptions(100, place / "run");
    options.dataset = openDataset("shapes");
    options.config = makeConfig("vicreg", "mlp", "shapes", options.dataset->info());
    options.config.batch = 8;
    options.config.steps = 100;
    options.config.knobs.setText("optimizer", "sgd");
    options.config.knobs.set("learning_rate", 10.);
    Lanes lanes;
    const Status status = trainToy(options, lanes);
    QVERIFY(status.state == TrainerState::failed && status.fault.step > 1);
    const fs::path run = place / "run";
    QCOMPARE(faultsIn(run), std::vector<int64_t>{status.fault.step});
    const std::string told = readRegularFile(faultStateIn(run, status.fault.step).replace_extension(".json"), 1 << 20);
    QVERIFY(told.find("\"samples\"") != std::string::npos && told.find(status.fault.what) != std::string::npos);
    const std::string rows = metricsText(run);
    const Replay replay = replayStep(run, status.fault.step, 0, [](const std::string &, double) { return true; });
    QCOMPARE(replay.fault.step, status.fault.step);
    QCOMPARE(replay.fault.what, status.fault.what);
    QCOMPARE(replay.fault.where, status.fault.where);
    QCOMPARE(metricsText(run), rows);
    QVERIFY(replay.row.values.empty());
}

void TestTrainer::minutesBecomeSteps()
{
    Place place;
    TrainerOptions timed = toyOptions(0, place / "timed");
    timed.config.minutes = 0.01;
    Lanes lanes;
    QVERIFY(trainToy(timed, lanes).state == TrainerState::ended);
    const RunConfig fixed = loadConfig(place / "timed" / "config.json");
    QVERIFY(fixed.steps > 0);
    QCOMPARE(fixed.minutes, 0.);

    TrainerOptions stepped = toyOptions(0, place / "stepped");
    stepped.config = fixed; // with its plan, where other work has taken the machine and the steps were planned again
    Lanes others;
    QVERIFY(trainToy(stepped, others).state == TrainerState::ended);
    QCOMPARE(metricsText(place / "timed"), metricsText(place / "stepped"));
}

void TestTrainer::aLiveKnobActsAtTheNextStep()
{
    TrainerOptions options = toyOptions(20);
    options.config.knobs.set("schedule", std::string("constant"));
    options.config.knobs.set("warmup", 0.);
    Driven run(options);
    QVERIFY(run.ready());
    QVERIFY(run.steps(2));
    run.post(SetKnob{"learning_rate", 0.03125});
    QVERIFY(run.steps(2));
    QCOMPARE(scalarOf(run.rows[1], "learning_rate"), double(float(1e-3)));
    QCOMPARE(scalarOf(run.rows[2], "learning_rate"), 0.03125);
    const Event *event = run.find("knob", "learning_rate");
    QVERIFY(event);
    QCOMPARE(event->step, int64_t(3));
    QCOMPARE(event->before, std::string("0.001"));
    QCOMPARE(event->after, std::string("0.03125"));
}

void TestTrainer::aKnobOfTheDataIsAcknowledgedByItsFirstBatch()
{
    TrainerOptions options = toyOptions(50);
    options.loaderAhead = 3;
    Driven run(options, {"views/originals", "views/pixels"});
    const auto unchanged = [](const Snapshot &snapshot) {
        const auto *originals = snapshot.channel<ImageBatch>("views/originals"), *views = snapshot.channel<ImageBatch>("views/pixels");
        return originals && views && std::equal(originals->begin(), originals->end(), views->begin());
    };
    QVERIFY(run.ready());
    QVERIFY(run.steps(2));
    for (const char *knob : {"crop", "flip", "jitter"})
        run.post(SetKnob{knob, false});
    for (int i = 0; i < 4; ++i) {
        QVERIFY(run.steps(1));
        const SnapshotPtr snapshot = run.lanes().snapshots.latest();
        QCOMPARE(snapshot->step, run.status().step);
        const Event *event = run.find("knob", "jitter"); // the last that was posted
        QCOMPARE(unchanged(*snapshot), event && event->step <= snapshot->step);
        QCOMPARE(std::get<bool>(snapshot->knobs.at("jitter")), !(event && event->step <= snapshot->step));
    }
    QVERIFY(run.find("knob", "jitter"));
}

void TestTrainer::aSnapshotAsksNothingOfTheData()
{
    struct Counting : ToyData
    {
        Image image(Split split, int64_t index) const override
        {
            ++asked;
            return ToyData::image(split, index);
        }
        mutable std::atomic<int> asked = 0;
    };
    int asked[2];
    for (const bool wanted : {false, true}) {
        const auto data = std::make_shared<Counting>();
        TrainerOptions options = toyOptions(20);
        options.dataset = data;
        Driven run(options, wanted ? std::set<std::string>{"views/originals", "views/pixels", "views/records"} : std::set<std::string>{"similarity"});
        QVERIFY(run.ready());
        QVERIFY(run.steps(5));
        asked[wanted] = data->asked;
        const auto *originals = run.lanes().snapshots.latest()->channel<ImageBatch>("views/originals");
        QCOMPARE(originals != nullptr, wanted);
        for (size_t i = 0; wanted && i < originals->size(); ++i)
            QCOMPARE(originals->at(i), data->image(Split::train, run.lanes().snapshots.latest()->indices[i]));
    }
    QVERIFY(asked[0] >= 5 * 16);
    QCOMPARE(asked[1], asked[0]);
}

void TestTrainer::theNoiseOfImagesIsTurnedWhileItRuns()
{
    TrainerOptions options = toyOptions(50);
    options.loaderAhead = 3;
    Driven run(options, {"views/records"});
    QVERIFY(run.ready());
    QVERIFY(run.steps(2));
    run.post(SetKnob{"noise", std::string("masking")});
    int masked = 0;
    for (int i = 0; i < 4; ++i) {
        QVERIFY(run.steps(1));
        const SnapshotPtr snapshot = run.lanes().snapshots.latest();
        const Event *event = run.find("knob", "noise");
        const bool acts = event && event->step <= snapshot->step;
        const auto *records = snapshot->channel<std::vector<ViewRecord>>("views/records");
        QVERIFY(records && records->size() == 32);
        for (const ViewRecord &record : *records)
            QCOMPARE(record.describe().ends_with("of the pixels masked"), acts);
        masked += acts;
    }
    QVERIFY(masked > 0);
    QCOMPARE(run.find("knob", "noise")->after, std::string("masking"));
}

void TestTrainer::aRestartKnobAndAWrongValueAreRefused()
{
    Driven run(toyOptions(20));
    QVERIFY(run.ready());
    run.post(SetKnob{"projector.width", 32.});
    run.post(SetKnob{"temperature", -0.5});
    run.post(SetKnob{"no such knob", 1.});
    QVERIFY(run.steps(1));
    QVERIFY(!run.find("knob"));
    QVERIFY(run.find("refused", "projector.width")->message.find("new run") != std::string::npos);
    QVERIFY(run.find("refused", "temperature")->message.find("-0.5") != std::string::npos);
    QVERIFY(run.find("refused", "no such knob"));
}

void TestTrainer::pauseHoldsUntilPlay()
{
    TrainerOptions options = toyOptions(1000000);
    options.loaderAhead = 3;
    Driven run(options);
    QVERIFY(run.ready());
    run.post(Play{});
    QVERIFY(run.waitFor([](const Status &s) { return s.step > 3; }));
    run.post(Pause{});
    QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::paused; }));
    run.drain();
    const int64_t step = run.status().step;
    const size_t rows = run.rows.size();
    QCOMPARE(run.rows.back().step, step);
    QTest::qWait(50);
    run.drain();
    QCOMPARE(run.status().step, step);
    QCOMPARE(run.rows.size(), rows);
    run.post(Play{});
    QVERIFY(run.waitFor([&](const Status &s) { return s.step > step; }));
}

void TestTrainer::stopReturnsWhileTheLoaderIsBehind()
{
    TrainerOptions options = toyOptions(1000);
    options.dataset = std::make_shared<ToyData>(-1, std::chrono::milliseconds(300)); // a batch takes 4.8 s
    options.loaderAhead = 1;
    int64_t steps = -1;
    {
        Driven run(options);
        QVERIFY(run.ready());
        run.post(Play{});
        QTest::qWait(20);
        steps = run.status().step;
    }
    QCOMPARE(steps, int64_t(0)); // it was stopped while it waited for its first batch
}

void TestTrainer::stopReturnsWhileTheQueueIsFull()
{
    TrainerOptions options = toyOptions(1000);
    options.loaderAhead = 1;
    Driven run(options);
    QVERIFY(run.ready());
    QVERIFY(run.steps(1));
    QTest::qWait(20); // the queue fills while nothing takes from it; the destructor must return
}

void TestTrainer::rewindGivesTheSameStepsAgain_data()
{
    everyMethod();
}

void TestTrainer::rewindGivesTheSameStepsAgain()
{
    QFETCH(QString, method);
    Place place;
    TrainerOptions options = toyOptions(20, place / "run");
    options.config = toyConfig(20, method.toStdString());
    options.dataset = toyImagesFor(method.toStdString());
    Driven run(options);
    QVERIFY(run.ready());
    QVERIFY(run.steps(3));
    run.post(Rewind{});
    QVERIFY(run.event("rewind"));
    QVERIFY(run.waitFor([](const Status &s) { return s.step == 0; }));
    QVERIFY(run.steps(3));
    QCOMPARE(run.rows.size(), size_t(6));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(run.rows[i].values, run.rows[i + 3].values);
    QCOMPARE(readMetrics(place / "run" / "metrics.csv").rows.size(), size_t(3));
    QCOMPARE(readMetrics(place / "run" / "metrics.lost.csv").rows.size(), size_t(3));
}

/// The run with more steps, resumed at `at` with the choice, and again on the way: equal to the last bit to the one that its config.json starts.
void TestTrainer::aMovedEndIsExact()
{
    QFETCH(int, at);
    QFETCH(QString, choice);
    const ScheduleChange change = scheduleChangeNamed(choice.toStdString());
    Place place;
    const fs::path run = place / "run";
    const auto goOn = [&](int64_t until) {
        TrainerOptions rest = toyOptions(0, run);
        resume(rest, findCheckpoint(run));
        rest.config.steps = 16;
        rest.scheduleOnResume = change;
        Driven driven(rest);
        QVERIFY(driven.ready());
        QVERIFY(driven.steps(until - driven.status().step));
    };
    {
        Driven begun(toyOptions(8, run));
        QVERIFY(begun.ready());
        QVERIFY(begun.steps(at));
    }
    goOn(11);
    goOn(16); // a second time: nothing is asked, and it goes on in the same way
    std::vector<Event> events = readEvents(run / "events.jsonl");
    std::erase_if(events, [](const Event &event) { return event.kind != "schedule"; });
    QCOMPARE(events.size(), size_t(1));
    QCOMPARE(events[0].step, int64_t(at));
    QCOMPARE(events[0].name, choice.toStdString());
    QCOMPARE(events[0].before, std::string("8"));
    QCOMPARE(events[0].after, std::string("16"));
    QVERIFY2(events[0].message.starts_with("16 steps instead of 8: the learning rate is"), events[0].message.c_str());

    TrainerOptions again = toyOptions(0, place / "again");
    again.config = loadConfig(run / "config.json");
    QCOMPARE(again.config.steps, int64_t(16));
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(again, lanes).failure), QString());
    if (change != ScheduleChange::stretch) { // whose first steps were taken with another rate
        QCOMPARE(metricsText(place / "again"), metricsText(run));
        compareTensors(place / "again" / "checkpoints" / "step-00000016.safetensors", run / "checkpoints" / "step-00000016.safetensors");
    }
    const MetricsTable table = readMetrics(run / "metrics.csv");
    const size_t column = std::find(table.columns.begin(), table.columns.end(), "learning_rate") - table.columns.begin();
    const double before = table.rows[at - 1][column], after = table.rows[at][column];
    if (change == ScheduleChange::hold)
        QVERIFY(after <= before);
    if (change == ScheduleChange::hold && at == 8)
        QCOMPARE(after, before);
    if (change == ScheduleChange::stretch)
        QVERIFY(after > before);
}

void TestTrainer::aMovedEndIsExact_data()
{
    QTest::addColumn<int>("at");
    QTest::addColumn<QString>("choice");
    for (const char *choice : {"hold", "rewarm", "stretch"})
        for (const int at : {5, 8})
            QTest::addRow("%s at step %d of 8", choice, at) << at << choice;
}

/// Before a run folder is made, and of text, too, whose rows are made first.
void TestTrainer::aBatchThatCannotFitIsRefused()
{
    Place place;
    TrainerOptions options = toyOptions(3, place / "run");
    options.freeMemory = FreeMemory{30'000, "the machine"};
    Lanes lanes;
    const Status status = trainToy(options, lanes);
    QVERIFY(status.state == TrainerState::failed);
    QVERIFY2(status.failure.find("a batch of " + std::to_string(options.config.batch) + " needs about") != std::string::npos, status.failure.c_str());
    QVERIFY(!std::filesystem::exists(place / "run"));
    options.freeMemory = FreeMemory{uint64_t(1) << 40, "the machine"};
    Lanes others;
    QVERIFY(trainToy(options, others).state == TrainerState::ended);
}

void TestTrainer::extendMovesTheEnd()
{
    Place place;
    Driven run(toyOptions(3, place / "run"));
    QVERIFY(run.ready());
    run.post(Play{});
    QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::ended; }));
    QCOMPARE(run.status().step, int64_t(3));
    run.post(Extend{2});
    QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::ended && s.step == 5; }));
    QCOMPARE(loadConfig(place / "run" / "config.json").steps, int64_t(5));
    QVERIFY(refusal([&] { forkOf(place / "run", 4); }).empty()); // between the end that moved and the next checkpoint
}

void TestTrainer::snapshotHoldsWhatIsWanted()
{
    Driven run(toyOptions(20), {"embeddings", "similarity"});
    QVERIFY(run.ready());
    QVERIFY(run.steps(2));
    const SnapshotPtr snapshot = run.lanes().snapshots.latest();
    QVERIFY(snapshot);
    QCOMPARE(snapshot->indices.size(), size_t(16));
    QCOMPARE(snapshot->labels.size(), size_t(16));
    QCOMPARE(snapshot->scalars.at("loss/total"), scalarOf(run.rows.back(), "loss/total"));
    QVERIFY(!snapshot->channel<ImageBatch>("views/pixels"));
    const auto *z = snapshot->channel<Matrix>("embeddings"), *cosine = snapshot->channel<Matrix>("similarity");
    QVERIFY(z && cosine);
    QCOMPARE(cosine->rows, int64_t(32));
    double positive = 0;
    for (int64_t i = 0; i < 32; ++i)
        for (int64_t j = 0; j < 32; ++j) {
            double dot = 0;
            for (int64_t k = 0; k < z->columns; ++k)
                dot += double(z->at(i, k)) * z->at(j, k);
            QVERIFY(std::abs(dot - cosine->at(i, j)) < 1e-5);
            positive += j == (i + 16) % 32 ? dot / 32 : 0;
        }
    QVERIFY(std::abs(positive - snapshot->scalars.at("similarity/positive")) < 1e-5);
}

void TestTrainer::publishShowsAPausedStep()
{
    Driven run(toyOptions(20));
    QVERIFY(run.ready());
    QVERIFY(run.steps(1));
    QVERIFY(run.lanes().snapshots.takeFresh());
    run.lanes().wanted.set({"similarity"});
    run.post(Publish{});
    SnapshotPtr shown;
    QVERIFY(QTest::qWaitFor([&] { return (shown = run.lanes().snapshots.takeFresh().value_or(nullptr)) != nullptr; }));
    QCOMPARE(shown->step, int64_t(1));
    QVERIFY(shown->channel<Matrix>("similarity"));
}

void TestTrainer::atRestTheSoftmaxFollowsTheTemperature()
{
    Driven run(toyOptions(20), {"similarity", "similarity/softmax", "similarity/gradient"});
    QVERIFY(run.ready());
    QVERIFY(run.steps(1));
    const SnapshotPtr before = run.lanes().snapshots.latest();
    run.post(SetKnob{"temperature", 0.5});
    QVERIFY(QTest::qWaitFor([&] { return run.lanes().snapshots.latest() != before; }));
    const SnapshotPtr after = run.lanes().snapshots.latest();
    const Matrix &cosine = *after->channel<Matrix>("similarity");
    QVERIFY(cosine.values == before->channel<Matrix>("similarity")->values); // the batch stays
    for (const SnapshotPtr &snapshot : {before, after}) {
        const double temperature = snapshot->real("temperature").value();
        QCOMPARE(temperature, snapshot == before ? 0.2 : 0.5);
        const auto *softmax = snapshot->channel<Matrix>("similarity/softmax"), *share = snapshot->channel<Matrix>("similarity/gradient");
        QVERIFY(softmax && share);
        for (int64_t i = 0; i < 32; ++i) {
            double others = 0, negatives = 0;
            for (int64_t j = 0; j < 32; ++j) {
                others += j == i ? 0 : std::exp(cosine.at(i, j) / temperature);
                negatives += j % 16 == i % 16 ? 0 : std::exp(cosine.at(i, j) / temperature);
            }
            for (int64_t j = 0; j < 32; ++j) {
                QCOMPARE(std::isnan(softmax->at(i, j)), j == i);
                QCOMPARE(std::isnan(share->at(i, j)), j % 16 == i % 16);
                QVERIFY(j == i || std::abs(softmax->at(i, j) - std::exp(cosine.at(i, j) / temperature) / others) < 1e-5);
                QVERIFY(j % 16 == i % 16 || std::abs(share->at(i, j) - std::exp(cosine.at(i, j) / temperature) / negatives) < 1e-5);
            }
        }
    }
}

void TestTrainer::aRunAtRestShowsItsNextBatchAndStaysAsItWas_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("encoder");
    QTest::newRow("batch norm") << "simclr"
                                << "convnet";
    QTest::newRow("teacher") << "byol"
                             << "convnet";
    QTest::newRow("decoder") << "denoise"
                             << "transformer";
    QTest::newRow("dropout") << "simcse"
                             << "transformer";
}

void TestTrainer::aRunAtRestShowsItsNextBatchAndStaysAsItWas()
{
    QFETCH(QString, method);
    QFETCH(QString, encoder);
    Place place;
    qputenv("XDG_CACHE_HOME", (place / "cache").string().c_str());
    const auto options = [&](const char *name) {
        TrainerOptions options = toyOptions(3, place / name);
        options.config = toyConfig(3, method.toStdString(), encoder.toStdString());
        if (encoder == "transformer")
            options.dataset = std::make_shared<ToyText>();
        return options;
    };
    Lanes lanes;
    QVERIFY(trainToy(options("unseen"), lanes).state == TrainerState::ended);
    Driven seen(options("seen"), {"views/records", "tokens/rows", "embeddings"});
    QVERIFY(seen.ready());
    SnapshotPtr before;
    QVERIFY(QTest::qWaitFor([&] { return (before = seen.lanes().snapshots.takeFresh().value_or(nullptr)) != nullptr; }, 20000));
    QCOMPARE(before->step, int64_t(0));
    QVERIFY(seen.rows.empty());
    QVERIFY(seen.steps(1));
    const SnapshotPtr first = seen.lanes().snapshots.latest();
    QCOMPARE(before->indices, first->indices);
    QCOMPARE(before->scalars.empty(), false);
    for (const auto &[name, value] : before->scalars)
        QCOMPARE(value, first->scalars.at(name)); // the same rows through the same weights
    QVERIFY(seen.steps(2));
    QCOMPARE(metricsText(place / "seen"), metricsText(place / "unseen"));
    compareTensors(place / "seen" / "checkpoints" / "step-00000003.safetensors", place / "unseen" / "checkpoints" / "step-00000003.safetensors");
}

void TestTrainer::anEndedRunThatIsOpenedShowsABatch()
{
    Place place;
    Lanes lanes;
    QVERIFY(trainToy(toyOptions(3, place / "run"), lanes).state == TrainerState::ended);
    TrainerOptions again = toyOptions(3, place / "run");
    again.start = Resumed{findCheckpoint(place / "run")};
    Driven run(again, {"views/pixels", "similarity"});
    QVERIFY(run.waitFor([](const Status &s) { return s.state == TrainerState::ended; }));
    SnapshotPtr shown;
    QVERIFY(QTest::qWaitFor([&] { return (shown = run.lanes().snapshots.latest()) != nullptr; }, 20000));
    QCOMPARE(shown->step, int64_t(3));
    QVERIFY(shown->channel<ImageBatch>("views/pixels") && shown->channel<Matrix>("similarity"));
    const auto saved = readCheckpointState(findCheckpoint(place / "run"));
    QCOMPARE(saved.step, int64_t(3));
}

void TestTrainer::anExplodingRunStopsAndCanBeResumed()
{
    Place place;
    TrainerOptions options = toyOptions(500, place / "run");
    for (const auto &[knob, value] : std::map<std::string, double>{{"learning_rate", 10}, {"weight_decay", 1}, {"warmup", 0}})
        options.config.knobs.set(knob, value);
    Lanes lanes;
    const Status status = trainToy(options, lanes);
    QVERIFY(status.state == TrainerState::failed);
    const std::string good = (place / "run" / "checkpoints" / "step-00000000.safetensors").string();
    QVERIFY2(status.failure.starts_with("step " + std::to_string(status.step + 1) + ": "), status.failure.c_str());
    QVERIFY2(status.failure.find("the last good checkpoint is " + good) != std::string::npos, status.failure.c_str());
    QVERIFY2(status.failure.find(" in ") != std::string::npos || status.failure.find("weight") != std::string::npos, status.failure.c_str());
    QCOMPARE(readMetrics(place / "run" / "metrics.csv").rows.size(), size_t(status.step)); // the faulty step left no row
    QCOMPARE(readEvents(place / "run" / "events.jsonl").back().kind, std::string("fault"));

    TrainerOptions again = toyOptions(3, place / "run");
    again.start = Resumed{good};
    Lanes others;
    QVERIFY(trainToy(again, others).state == TrainerState::ended);
}

void TestTrainer::aNanInGivenWeightsIsNamed()
{
    Place place;
    Lanes lanes;
    QVERIFY(trainToy(toyOptions(1, place / "good"), lanes).state == TrainerState::ended);
    SafetensorsFile file = readSafetensors(place / "good" / "checkpoints" / "step-00000001.safetensors");
    const std::string name = parametersOf(makeModel(toyConfig(1), ToyData().info().image)).front().name;
    std::vector<float> values = file.tensors.at(name).floats();
    values[3] = std::numeric_limits<float>::quiet_NaN();
    file.tensors[name] = FileTensor::of(values, file.tensors.at(name).shape);
    writeSafetensors(place / "bad.safetensors", file);

    TrainerOptions options = toyOptions(5, place / "run");
    options.start = Initialised{place / "bad.safetensors"};
    Lanes others;
    const Status status = trainToy(options, others);
    QVERIFY(status.state == TrainerState::failed);
    QVERIFY2(status.failure.find("bad.safetensors: " + name + ": its value 3 is NaN") != std::string::npos, status.failure.c_str());
    QVERIFY(!std::filesystem::exists(place / "run")); // refused before anything is made
}

void TestTrainer::aFaultOfTheDataNamesTheStep()
{
    for (int ahead : {0, 3}) {
        TrainerOptions options = toyOptions(20);
        options.dataset = std::make_shared<ToyData>(5);
        options.loaderAhead = ahead;
        Lanes lanes;
        const Status status = trainToy(options, lanes);
        QVERIFY(status.state == TrainerState::failed);
        QCOMPARE(status.failure, "step " + std::to_string(status.step + 1) + ": sample 5: cannot be decoded");
    }
}

void TestTrainer::aBatchLargerThanTheDataIsRefused()
{
    TrainerOptions options = toyOptions(5);
    options.config.batch = 65;
    Lanes lanes;
    const Status status = trainToy(options, lanes);
    QVERIFY(status.state == TrainerState::failed);
    QVERIFY2(status.failure.find("65") != std::string::npos && status.failure.find("64") != std::string::npos, status.failure.c_str());
}

void TestTrainer::initListsWhatDoesNotFit()
{
    Place place;
    Lanes lanes;
    QVERIFY(trainToy(toyOptions(2, place / "first"), lanes).state == TrainerState::ended);
    TrainerOptions options = toyOptions(1, place / "second");
    options.config.knobs.set("projector.width", 24.0);
    options.start = Initialised{place / "first"};
    Lanes others;
    QVERIFY(trainToy(options, others).state == TrainerState::ended);
    std::vector<Event> unfit = others.log.drain().events;
    std::erase_if(unfit, [](const Event &event) { return event.kind != "init"; });
    QVERIFY(!unfit.empty());
    for (const Event &event : unfit)
        QVERIFY2(event.name.starts_with("projector."), event.name.c_str());
    QVERIFY(unfit.front().message.find("the file has") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
