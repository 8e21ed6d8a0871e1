// CUDA graphs, on CUDA as the tests imitate it on the host: what goes to the device in one call is what would go in many, bit for bit, whatever changes from step to step, fails in the
// middle of one, or is asked for by two threads at once.
#include "core/backend/backend.h"
#include "core/backend/cuda/stream.h"
#include "core/system/outofdevicememory.h"
#include "tests/cardtraining.h"
#include "tests/testdevice.h"

#include <QTest>

#include <thread>

using namespace pretext;

namespace {

constexpr int64_t kSteps = 10, kSteady = 7;

/// The same run without graphs.
CardTraining trainSingly(const TrainerOptions &options, std::function<void(Lanes &, int64_t)> after = {})
{
    cuda::useGraphs(false);
    CardTraining trained = trainOnCard(options, {}, std::move(after));
    cuda::useGraphs(true);
    return trained;
}

long graphLaunches(const CardTraining &trained)
{
    return trained.calls.rbegin()->second.graphLaunches - trained.calls.begin()->second.graphLaunches;
}

/// At the end of a step whose graphs were all made.
std::function<void(Lanes &, int64_t)> afterSteadySteps(std::function<void(Lanes &)> act)
{
    return [act = std::move(act)](Lanes &lanes, int64_t step) {
        if (step == kSteady)
            act(lanes);
    };
}

/// What the card has free, but for some pieces, which are too few for a step.
std::vector<Tensor> allButLittleMemory()
{
    constexpr size_t kLeft = 6;
    cudahost::setMemory(0);
    std::vector<Tensor> taken;
    for (int64_t count = 1 << 20; count >= 64; count /= 4)
        try {
            while (true)
                taken.push_back(Tensor({count}, DType::f32, Device::cuda));
        } catch (const OutOfDeviceMemory &) {
            continue; // with smaller ones
        }
    taken.resize(taken.size() - kLeft);
    return taken;
}

} // namespace

class TestGraphs : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { testing::watch(false); } // tst_golden looks at the kernels, in graphs, too

    void graphsChangeNoNumber_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("encoder");
        QTest::newRow("simclr") << "simclr"
                                << "convnet";
        QTest::newRow("swav") << "swav"
                              << "mlp";
        QTest::newRow("mae") << "mae"
                             << "vit";
        QTest::newRow("mlm") << "mlm"
                             << "transformer";
        QTest::newRow("prefix") << "prefix"
                                << "transformer"; // of another length in each batch
        QTest::newRow("moco") << "moco"
                              << "mlp"; // whose queue is written elsewhere in each step
    }

    void graphsChangeNoNumber()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        TrainerOptions options = cardOptions(method.toStdString(), encoder.toStdString(), "cuda", kSteps);
        if (options.config.knobs.find("encoder.dropout"))
            options.config.knobs.set("encoder.dropout", 0.1); // which draws other numbers in each step
        const CardTraining singly = trainSingly(options), inGraphs = trainOnCard(options);
        QCOMPARE(inGraphs.status.failure, std::string());
        QCOMPARE(inGraphs.losses.size(), size_t(kSteps));
        QCOMPARE(inGraphs.losses, singly.losses);
        QCOMPARE(graphLaunches(singly), 0L);
        QVERIFY(graphLaunches(inGraphs) > kSteps);
    }

    void aLiveKnobShowsAtTheNextStep()
    {
        const TrainerOptions options = cardOptions("simclr", "mlp", "cuda", kSteps);
        const auto turned = afterSteadySteps([](Lanes &lanes) { lanes.commands.post(SetKnob{"temperature", 0.9}); });
        const CardTraining left = trainOnCard(options), changed = trainOnCard(options, {}, turned);
        QCOMPARE(changed.losses, trainSingly(options, turned).losses);
        QCOMPARE(std::vector(changed.losses.begin(), changed.losses.begin() + kSteady), std::vector(left.losses.begin(), left.losses.begin() + kSteady));
        QVERIFY(changed.losses[kSteady] != left.losses[kSteady]);
    }

    void whatTheDriverRefusesGoesSingly_data()
    {
        QTest::addColumn<int>("refused");
        QTest::newRow("graphs") << int(cudahost::Refused::graphs);
        QTest::newRow("other arguments") << int(cudahost::Refused::updates);
    }

    void whatTheDriverRefusesGoesSingly()
    {
        QFETCH(int, refused);
        const TrainerOptions options = cardOptions("simclr", "mlp", "cuda", kSteps);
        const CardTraining expected = trainOnCard(options);
        cuda::forgetGraphs();
        cudahost::refuse(cudahost::Refused(refused));
        const CardTraining got = trainOnCard(options);
        cudahost::refuse(cudahost::Refused::nothing);
        cuda::forgetGraphs();
        QCOMPARE(got.losses, expected.losses);
        const auto singly = [](const CardTraining &of) { return of.calls.at(kSteps - 1).singly - of.calls.at(kSteps - 2).singly; };
        QVERIFY2(singly(got) > singly(expected), qPrintable(QStringLiteral("%1, of %2").arg(singly(got)).arg(singly(expected))));
        QCOMPARE(got.calls.at(kSteps - 1).graphs, got.calls.at(kSteps - 2).graphs); // nobody tries again
    }

    void twoThreadsAtOnceTrainAsEachAlone()
    {
        const TrainerOptions one = cardOptions("simclr", "mlp", "cuda", kSteps), other = cardOptions("byol", "convnet", "cuda", kSteps);
        const std::vector<double> ofOne = trainOnCard(one).losses, ofOther = trainOnCard(other).losses;
        CardTraining beside;
        std::thread thread([&] { beside = trainOnCard(other); });
        const CardTraining here = trainOnCard(one);
        thread.join();
        QCOMPARE(here.status.failure, std::string());
        QCOMPARE(beside.status.failure, std::string());
        QCOMPARE(here.losses, ofOne);
        QCOMPARE(beside.losses, ofOther);
    }

    void withoutMemoryInTheMiddleOfAStepItIsSaid()
    {
        const TrainerOptions options = cardOptions("simclr", "mlp", "cuda", kSteps);
        const CardTraining whole = trainOnCard(options);
        std::vector<Tensor> others;
        const CardTraining cut = trainOnCard(options, {}, afterSteadySteps([&others](Lanes &) { others = allButLittleMemory(); }));
        cudahost::setMemory(size_t(-1));
        others.clear();
        QCOMPARE(cut.status.state, TrainerState::failed);
        QVERIFY2(cut.status.failure.find("choose a") != std::string::npos, cut.status.failure.c_str());
        QCOMPARE(trainOnCard(options).losses, whole.losses);
    }

    void aCardThatIsLostInAGraphIsToldOf()
    {
        const TrainerOptions options = cardOptions("simclr", "mlp", "cuda", kSteps);
        const CardTraining whole = trainOnCard(options);
        const CardTraining cut = trainOnCard(options, {}, afterSteadySteps([](Lanes &) { cudahost::loseDevice(cudaErrorIllegalAddress); }));
        cudahost::loseDevice(cudaSuccess);
        QCOMPARE(cut.status.state, TrainerState::failed);
        QVERIFY2(cut.status.failure.find("the device failed: an illegal memory access") != std::string::npos, cut.status.failure.c_str());
        QCOMPARE(trainOnCard(options).losses, whole.losses);
    }

    /// A fill and so many more as make a graph; the third time it is launched as one, with other numbers than it was made with.
    void whatComesAgainIsOneLaunch()
    {
        constexpr int kRounds = 4;
        const DeviceScope scope(Device::cuda);
        std::vector<Tensor> tensors;
        for (int i = 0; i < 6; ++i)
            tensors.push_back(Tensor({3}));
        for (int round = 0; round < kRounds; ++round) {
            backend(Device::cuda).synchronize();
            const cudahost::Calls before = cudahost::calls();
            for (Tensor &tensor : tensors)
                backend(Device::cuda).fill(tensor, float(round));
            backend(Device::cuda).synchronize();
            const cudahost::Calls after = cudahost::calls();
            QCOMPARE(after.graphLaunches - before.graphLaunches, round == 0 ? 0L : 1L);
            QCOMPARE(after.singly - before.singly, round == 0 ? 6L : 0L);
            QCOMPARE(after.graphs - before.graphs, round == 1 ? 1L : 0L);
            QCOMPARE(after.updates - before.updates, round < 2 ? 0L : 6L);
            for (const Tensor &tensor : tensors)
                QCOMPARE(tensor.toHost(), std::vector<float>(3, float(round)));
        }
    }

    /// Whatever is asked for, what is kept of it is bounded.
    void whatNeverRepeatsGoesSingly()
    {
        const DeviceScope scope(Device::cuda);
        backend(Device::cuda).synchronize(); // with what others asked for
        const cudahost::Calls before = cudahost::calls();
        for (int round = 0; round < 2; ++round)
            for (int64_t size = 1; size <= 300; ++size) {
                Tensor from({size}), to({size});
                for (int times = 0; times < 5; ++times)
                    backend(Device::cuda).copy(from, to);
                backend(Device::cuda).synchronize();
            }
        QCOMPARE(cudahost::calls().graphs, before.graphs);
        QCOMPARE(cudahost::calls().singly - before.singly, 2L * 300 * 5);
    }
};

QTEST_APPLESS_MAIN(TestGraphs)
#include "tst_graphs.moc"
