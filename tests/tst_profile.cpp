// Where the time goes: every operation is heard of, phases make up the step, and the trace is what its readers expect.
#include "core/backend/devices.h"
#include "core/backend/profiled.h"
#include "core/engine/profiler.h"
#include "tests/toydata.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <map>

using namespace pretext;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Heard : OperationListener
{
    std::vector<OperationRun> runs;
    void ran(const OperationRun &run) override { runs.push_back(run); }
};

struct Span
{
    double begin, end;
};

Span spanOf(const json &event)
{
    return {event["ts"], event["ts"].get<double>() + event["dur"].get<double>()};
}

/// Times are written to the nanosecond.
bool within(const Span &inner, const Span &outer)
{
    return inner.begin >= outer.begin - 0.002 && inner.end <= outer.end + 0.002;
}

struct Trained
{
    std::shared_ptr<const Profile> profile;
    std::vector<ScalarRow> rows;
};

Trained trainToy(Profiling profiling, const fs::path &out)
{
    TrainerOptions options;
    options.config = toyConfig(6);
    options.dataset = std::make_shared<ToyData>();
    options.out = out;
    options.profiling = profiling;
    Lanes lanes;
    runTrainer(options, lanes, {}, false);
    return {lanes.status.latest().profile, lanes.log.drain().rows};
}

} // namespace

class TestProfile : public QObject
{
    Q_OBJECT
private slots:
    void everyOperationIsWrapped();
    void nobodyListensByDefault();
    void anOperationIsHeardWithItsShapesAndWork();
    void workIsCountedByTheDirectAlgorithm();
    void phasesMakeUpTheStep();
    void theTraceNests();
    void profilingChangesNoNumber();
    void aStepsSumsAreTakenOnce();
};

void TestProfile::everyOperationIsWrapped()
{
    const Heard listener;
    const Backend &profiled = profiledBackend(Device::cpu), &plain = cpu::table();
#define OPERATION(name, parameters) QVERIFY2(profiled.name &&profiled.name != plain.name, #name);
#include "core/backend/operations.def"
#undef OPERATION
    QCOMPARE(std::string(nameOf(OperationId::conv2d)), std::string("conv2d"));
}

void TestProfile::nobodyListensByDefault()
{
    QCOMPARE(&backend(Device::cpu), &cpu::table());
    Heard heard;
    {
        const ListenToOperations listening(&heard);
        QCOMPARE(&backend(Device::cpu), &profiledBackend(Device::cpu));
        std::thread([] { QCOMPARE(&backend(Device::cpu), &cpu::table()); }).join();
    }
    QCOMPARE(&backend(Device::cpu), &cpu::table());
}

void TestProfile::anOperationIsHeardWithItsShapesAndWork()
{
    const Tensor a = Tensor::full({5, 3}, 1), b = Tensor::full({3, 4}, 2);
    Tensor y({5, 4});
    Heard heard;
    const ListenToOperations listening(&heard);
    backendOf(y).matmul(a, b, {}, y);
    QCOMPARE(heard.runs.size(), size_t(1));
    const OperationRun &run = heard.runs.front();
    QCOMPARE(std::string(nameOf(run.operation)), std::string("matmul"));
    QVERIFY(run.input == Shape({5, 3}));
    QVERIFY(run.output == Shape({5, 4}));
    QCOMPARE(run.flop, 2. * 5 * 3 * 4);
    QVERIFY(run.end >= run.begin);
    QCOMPARE(y.toHost()[7], 6.f); // it ran
}

void TestProfile::workIsCountedByTheDirectAlgorithm()
{
    const Tensor x = Tensor::full({2, 8, 8, 3}, 1), w = Tensor::full({5, 3, 3, 3}, 1);
    Tensor y({2, 4, 4, 5}), dx({2, 8, 8, 3}), dw({5, 3, 3, 3}), none;
    const Conv2dOptions options{2, 1};
    const double products = 2. * 2 * 4 * 4 * 5 * (3 * 3 * 3);
    const Tensor q = Tensor::full({2, 7, 3 * 8}, 1);
    Tensor logSumExp({2, 2, 7}), attended({2, 7, 8}), dq({2, 7, 3 * 8});
    AttentionOptions heads;
    heads.heads = 2;
    const Tensor rows = Tensor::full({6, 3}, 1), weight = Tensor::full({4, 3}, 1);
    Tensor z({6, 4}), dweight({4, 3});
    Heard heard;
    const ListenToOperations listening(&heard);
    const Backend &backend = pretext::backend(Device::cpu);
    backend.conv2d(x, w, none, options, y);
    backend.conv2dBackwardData(y, w, options, dx);
    backend.conv2dBackwardWeight(x, y, options, dw, none);
    backend.attention(q, none, none, {}, heads, logSumExp, attended);
    backend.attentionBackward(q, none, none, {}, logSumExp, attended, attended, heads, dq, none, none);
    backend.linear(rows, weight, none, {}, z, none);
    backend.linearBackwardWeight(rows, z, {}, dweight, none);
    QCOMPARE(heard.runs.size(), size_t(7));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(heard.runs[i].flop, products);
    QCOMPARE(heard.runs[3].flop, 2. * 2 * (2 * 2 * 7 * 7 * 4)); // two products, 2 samples x 2 heads x 7 x 7 x 4 features
    QCOMPARE(heard.runs[4].flop, 2 * heard.runs[3].flop);
    QCOMPARE(heard.runs[5].flop, 2. * 6 * 4 * 3);
    QCOMPARE(heard.runs[6].flop, 2. * 6 * 4 * 3);
}

void TestProfile::phasesMakeUpTheStep()
{
    const Trained trained = trainToy(Profiling::sums, {});
    QVERIFY(trained.profile);
    const Profile &profile = *trained.profile;
    QCOMPARE(profile.steps, int64_t(6));
    QCOMPARE(profile.phases.size(), std::size(kStepPhases));
    double phases = 0;
    std::map<std::string, int64_t> calls;
    for (const PhaseProfile &phase : profile.phases) {
        phases += phase.milliseconds;
        double operations = 0;
        for (const OperationProfile &operation : phase.operations) {
            operations += operation.milliseconds;
            calls[phase.name + "/" + operation.name] = operation.calls;
        }
        QVERIFY2(operations <= phase.milliseconds, phase.name.c_str());
    }
    QVERIFY(std::abs(phases - profile.milliseconds) < 1e-6 * profile.milliseconds);
    QCOMPARE(calls["forward/ntXent"], int64_t(6));
    QCOMPARE(calls["backward/ntXentBackward"], int64_t(6));
    QVERIFY(calls["optimizer/adam"] > 0);
    QVERIFY(!calls.contains("forward/ntXentBackward"));
    QVERIFY(profile.trace.empty());
    QVERIFY(profile.batchMilliseconds > 0);
    const auto table = profileTable(profile);
    QCOMPARE(table.front().front(), std::string("phase"));
    QCOMPARE(table.back().front(), std::string("step"));
}

void TestProfile::theTraceNests()
{
    QTemporaryDir folder;
    const Trained trained = trainToy(Profiling::trace, folder.filePath("run").toStdString());
    QVERIFY(trained.profile);
    QCOMPARE(trained.profile->trace.filename().string(), std::string("trace-step-00000000.json"));
    QCOMPARE(trained.profile->tracedSteps, int64_t(6));
    std::ifstream file(trained.profile->trace);
    const json trace = json::parse(file);
    std::vector<Span> steps, phases, operations;
    int batches = 0;
    for (const json &event : trace["traceEvents"]) {
        if (event["ph"] == "M")
            continue;
        QCOMPARE(event["ph"].get<std::string>(), std::string("X"));
        QVERIFY(event["dur"] >= 0 && event["ts"] >= 0);
        const std::string name = event["name"];
        const bool phase = std::any_of(std::begin(kStepPhases), std::end(kStepPhases), [&](const StepPhase &p) { return name == p.name; });
        if (name == "make batch")
            ++batches;
        else
            (name == "step" ? steps : phase ? phases : operations).push_back(spanOf(event));
        if (name == "conv2d" || name == "matmul")
            QVERIFY(event["args"]["GFLOP/s"] > 0);
    }
    QCOMPARE(steps.size(), size_t(6));
    QCOMPARE(batches, 6);
    QCOMPARE(phases.size(), 6 * std::size(kStepPhases));
    const auto holding = [](const std::vector<Span> &spans, const Span &inner) {
        return std::count_if(spans.begin(), spans.end(), [&](const Span &outer) { return within(inner, outer); });
    };
    for (const Span &phase : phases)
        QCOMPARE(holding(steps, phase), 1);
    size_t inSteps = 0;
    for (const Span &operation : operations)
        if (holding(steps, operation) > 0) {
            ++inSteps;
            QVERIFY(holding(phases, operation) >= 1);
        }
    QVERIFY(inSteps > 6 * 10);
}

void TestProfile::profilingChangesNoNumber()
{
    const Trained plain = trainToy(Profiling::off, {}), profiled = trainToy(Profiling::trace, {});
    QVERIFY(!plain.profile);
    QCOMPARE(plain.rows.size(), profiled.rows.size());
    for (size_t i = 0; i < plain.rows.size(); ++i)
        QVERIFY(plain.rows[i].values == profiled.rows[i].values);
}

void TestProfile::aStepsSumsAreTakenOnce()
{
    Profiler profiler(false);
    const Profiler::TimePoint begin, end = begin + std::chrono::milliseconds(4);
    const auto step = [&] {
        profiler.beginStep();
        profiler.ran({OperationId::binary, begin, end, 8, {}, {}});
        profiler.endPhase(1, begin, end);
        profiler.endStep(begin, end);
    };
    step();
    step();
    QCOMPARE(profiler.takeRecent().steps, int64_t(2));
    step();
    profiler.ran({OperationId::binary, begin, end, 8, {}, {}}); // between steps: part of none
    profiler.beginStep();
    const Profile recent = profiler.takeRecent(), total = profiler.total();
    QCOMPARE(recent.steps, int64_t(1));
    QCOMPARE(recent.phases[1].operations.front().calls, int64_t(1));
    QCOMPARE(total.steps, int64_t(3));
    QCOMPARE(total.phases[1].operations.front().calls, int64_t(3));
    QCOMPARE(total.phases[1].operations.front().flop, 24.);
    QCOMPARE(total.milliseconds, 12.);
}

QTEST_GUILESS_MAIN(TestProfile)
#include "tst_profile.moc"
