// Whole runs on a card, which here is CUDA on the host (tests/cudahost): every method trains as on the processor, whatever is above the backend goes through copies (the
// host may not touch the card's memory), a checkpoint goes on on the other device, and a card that is full or lost ends a run as it should. What is not put in order
// between the two streams is done in the order that hurts.
#include "core/backend/backend.h"
#include "core/backend/cuda/stream.h"
#include "core/engine/encodercopy.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "tests/cardtraining.h"
#include "tests/cudahost/cudahost.h"
#include "tests/testdevice.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <map>
#include <set>
#include <thread>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// Of the steps after the first but the last, that none allocates or makes events, and each waits once.
QString notSteady(const CardTraining &trained)
{
    constexpr int64_t kWarmUp = 4;
    for (int64_t step = kWarmUp + 1; step < trained.status.step; ++step) {
        const cudahost::Calls &before = trained.calls.at(step - 1), &after = trained.calls.at(step);
        if (after.allocations != before.allocations || after.events != before.events || after.waits != before.waits + 1)
            return QString("step %1: %2 allocations, %3 events, %4 waits")
                .arg(step)
                .arg(after.allocations - before.allocations)
                .arg(after.events - before.events)
                .arg(after.waits - before.waits);
    }
    return {};
}

/// Of the last steps, that none makes a graph, and each is a few graphs and little else.
QString notByGraphs(const CardTraining &trained)
{
    constexpr int64_t kWarmUp = 6;
    constexpr long kFewGraphs = 14, kFewSingly = 5;
    for (int64_t step = kWarmUp + 1; step < trained.status.step; ++step) {
        const cudahost::Calls &before = trained.calls.at(step - 1), &after = trained.calls.at(step);
        const long launches = after.graphLaunches - before.graphLaunches, singly = after.singly - before.singly;
        if (after.graphs != before.graphs || launches == 0 || launches > kFewGraphs || singly > kFewSingly)
            return QString("step %1: %2 graphs made, %3 launched, %4 launches beside them")
                .arg(step)
                .arg(after.graphs - before.graphs)
                .arg(launches)
                .arg(singly);
    }
    return {};
}

std::vector<float> numbers(int64_t count, float first)
{
    std::vector<float> values(static_cast<size_t>(count));
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = first + float(i);
    return values;
}

} // namespace

class TestDevices : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { testing::watch(false); } // tst_cuda and tst_golden look at the kernels

    void everyMethodTrainsAsOnTheProcessor_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("encoder");
        for (const MethodType &method : methodTypes())
            QTest::newRow(method.name.c_str()) << QString::fromStdString(method.name)
                                               << (trainsOn(method, Modality::text) && !trainsOn(method, Modality::image) ? "transformer" : "mlp");
        for (const char *encoder : {"convnet", "resnet", "vit"})
            QTest::newRow(encoder) << "simclr" << encoder;
    }

    /// And its steady step asks for no memory, waits once, and is a few graphs.
    void everyMethodTrainsAsOnTheProcessor()
    {
        constexpr int kSteps = 10;
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const CardTraining expected = trainOnCard(cardOptions(method.toStdString(), encoder.toStdString(), "cpu", kSteps));
        const CardTraining got = trainOnCard(cardOptions(method.toStdString(), encoder.toStdString(), "cuda", kSteps));
        QCOMPARE(got.status.failure, std::string());
        QCOMPARE(got.status.device, std::string("cuda"));
        QCOMPARE(notSteady(got), QString());
        const QStringList ofAnyLength{"clm", "prefix", "denoise"}; // whose products are of another size in each batch
        if (!ofAnyLength.contains(method))
            QCOMPARE(notByGraphs(got), QString());
        QCOMPARE(got.losses.size(), size_t(kSteps));
        for (size_t step = 0; step < got.losses.size(); ++step) {
            const double scale = std::max(0.1, std::abs(expected.losses[step])), tolerance = step == 0 ? 1e-4 : 2e-2; // what is rounded otherwise grows
            QVERIFY2(std::abs(got.losses[step] - expected.losses[step]) <= tolerance * scale,
                     qPrintable(QString("step %1: %2, on the processor %3").arg(step).arg(got.losses[step]).arg(expected.losses[step])));
        }
    }

    void snapshotsLeaveWithoutAWait()
    {
        const std::set<std::string> wanted{"embeddings", "similarity/softmax", "encoder/weights", "gradient/layers"};
        constexpr int64_t kSteps = 15;
        const CardTraining got = trainOnCard(cardOptions("simclr", "convnet", "cuda", kSteps), wanted);
        QCOMPARE(got.status.failure, std::string());
        QCOMPARE(notSteady(got), QString());
        const CardTraining expected = trainOnCard(cardOptions("simclr", "convnet", "cpu", kSteps), wanted);
        std::map<int64_t, SnapshotPtr> processors;
        for (const SnapshotPtr &snapshot : expected.snapshots)
            processors[snapshot->step] = snapshot;
        QVERIFY2(got.snapshots.size() > size_t(kSteps) / 2, qPrintable(QString::number(got.snapshots.size())));
        QCOMPARE(got.snapshots.back()->step, kSteps); // of a run that rests, too
        for (const SnapshotPtr &snapshot : got.snapshots) {
            if (snapshot->step == 0)
                continue;
            for (const std::string &channel : wanted)
                QVERIFY2(snapshot->channels.contains(channel), channel.c_str());
            if (snapshot->step > 3)
                continue; // what is rounded otherwise grows
            const Matrix &z = *snapshot->channel<Matrix>("embeddings"), &same = *processors.at(snapshot->step)->channel<Matrix>("embeddings");
            QCOMPARE(z.rows, same.rows);
            QCOMPARE(z.columns, same.columns);
            for (size_t i = 0; i < z.values.size(); ++i)
                QVERIFY(std::abs(z.values[i] - same.values[i]) < 2e-2f);
            const auto &weights = *snapshot->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights");
            const auto &theirs = *processors.at(snapshot->step)->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights");
            QCOMPARE(weights->tensors.size(), theirs->tensors.size());
            for (size_t t = 0; t < weights->tensors.size(); ++t)
                for (size_t i = 0; i < weights->tensors[t].size(); ++i)
                    QVERIFY(std::abs(weights->tensors[t][i] - theirs->tensors[t][i]) < 2e-2f);
        }
    }

    /// Bit for bit: whether a batch was made early enough is chance.
    void aBatchThatGoesAheadTrainsTheSame()
    {
        TrainerOptions options = cardOptions("simclr", "mlp", "cuda", 12);
        const CardTraining expected = trainOnCard(options);
        options.loaderAhead = 3;
        const CardTraining got = trainOnCard(options);
        QCOMPARE(got.status.failure, std::string());
        QCOMPARE(got.losses, expected.losses);
    }

    void anUploadDoesNotWaitForOperations()
    {
        const DeviceScope scope(Device::cuda);
        Tensor busy = Tensor::zeros({1000}), sum({1000});
        backend(Device::cuda).synchronize();
        backend(Device::cuda).fill(busy, 1);
        const long before = cudahost::launches();
        const Tensor x = Tensor::fromHost(numbers(1000, 5), {1000});
        cudaStreamSynchronize(cuda::copies());
        QCOMPARE(cudahost::launches(), before);
        backend(Device::cuda).binary(x, busy, {Binary::add}, sum);
        QCOMPARE(sum.toHost(), numbers(1000, 6));
    }

    void memoryThatIsStillReadIsNotWritten()
    {
        const DeviceScope scope(Device::cuda);
        Tensor y({1000});
        for (int round = 0; round < 3; ++round) {
            {
                const Tensor x = Tensor::fromHost(numbers(1000, 5), {1000});
                backend(Device::cuda).scale(x, 1, y);
            }
            const Tensor next = Tensor::fromHost(numbers(1000, 9), {1000});
            cudaStreamSynchronize(cuda::copies()); // as far as they go by themselves
            QCOMPARE(y.toHost(), numbers(1000, 5));
            QCOMPARE(next.toHost(), numbers(1000, 9));
        }
    }

    void whatLeavesIsAsItWas()
    {
        const DeviceScope scope(Device::cuda);
        Tensor x = Tensor::fromHost(numbers(3, 1), {3});
        const long waits = cudahost::calls().waits;
        Readback leaving({x, x});
        QVERIFY(!leaving.there());
        backend(Device::cuda).fill(x, 0);
        QCOMPARE(cudahost::calls().waits, waits);
        {
            const Readback abandoned({x});
        } // whose memory is the next one's
        Readback next({x});
        QCOMPARE(leaving.take(), (std::vector<std::vector<float>>{{1, 2, 3}, {1, 2, 3}}));
        QCOMPARE(next.take(), (std::vector<std::vector<float>>{{0, 0, 0}}));
    }

    /// Of two trainers side by side the one that gave an operation a wrong number is told, whoever waits first.
    void anotherThreadDoesNotHearOfIt()
    {
        const DeviceScope scope(Device::cuda);
        const Tensor table = Tensor::zeros({3, 2}), ids = Tensor::fromHost(std::vector<int32_t>{7}, {1});
        Tensor rows({1, 2});
        backend(Device::cuda).gatherRows(table, ids, rows);
        QString other;
        std::thread([&] {
            try {
                backend(Device::cuda).synchronize();
            } catch (const std::exception &error) {
                other = QString::fromUtf8(error.what());
            }
        }).join();
        QCOMPARE(other, QString());
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, backend(Device::cuda).synchronize());
        backend(Device::cuda).synchronize(); // it is told once
    }

    void aCheckpointGoesOnOnTheOtherDevice_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("from the processor") << "cpu"
                                            << "cuda";
        QTest::newRow("to the processor") << "cuda"
                                          << "cpu";
    }

    void aCheckpointGoesOnOnTheOtherDevice()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QTemporaryDir folder;
        const fs::path run = fs::path(folder.path().toStdString()) / "run";
        QCOMPARE(trainOnCard(cardOptions("simclr", "mlp", from.toStdString(), 3, run)).status.failure, std::string());
        TrainerOptions options = resumptionOf(run).options;
        options.config.steps = 5;
        options.config.device = to.toStdString();
        options.dataset = std::make_shared<ToyData>();
        options.loaderAhead = 0;
        options.checkpointSeconds = 0;
        const CardTraining went = trainOnCard(options);
        QCOMPARE(went.status.failure, std::string());
        QCOMPARE(went.losses.size(), size_t(2));
        std::string told;
        for (const Event &event : readEvents(run / "events.jsonl"))
            if (event.kind == "device")
                told = event.message;
        QVERIFY2(told.find("trained on " + from.toStdString() + " and goes on on " + to.toStdString()) != std::string::npos, told.c_str());
    }

    void aBatchThatDoesNotFitIsRefusedWithOneThatDoes()
    {
        backendForgets();
        TrainerOptions options = cardOptions("simclr", "resnet", "cuda", 2);
        options.config.batch = 64;
        cudahost::setMemory(1 << 20);
        const CardTraining trained = trainOnCard(options);
        cudahost::setMemory(size_t(-1));
        QVERIFY2(trained.status.failure.find("CUDA on the host") != std::string::npos, trained.status.failure.c_str());
        QVERIFY2(trained.status.failure.find("choose a") != std::string::npos, trained.status.failure.c_str());
    }

    void aLostCardLeavesTheCheckpoint()
    {
        QTemporaryDir folder;
        const fs::path run = fs::path(folder.path().toStdString()) / "run";
        QCOMPARE(trainOnCard(cardOptions("simclr", "mlp", "cuda", 3, run)).status.failure, std::string());
        TrainerOptions options = resumptionOf(run).options;
        options.config.steps = 6;
        options.dataset = std::make_shared<ToyData>();
        options.loaderAhead = 0;
        options.checkpointSeconds = 0;
        cudahost::loseDevice(cudaErrorIllegalAddress);
        const CardTraining lost = trainOnCard(options);
        cudahost::loseDevice(cudaSuccess);
        QCOMPARE(lost.status.state, TrainerState::failed);
        QVERIFY2(lost.status.failure.find("the device failed") != std::string::npos, lost.status.failure.c_str());
        const CardTraining again = trainOnCard(options);
        QCOMPARE(again.status.failure, std::string());
        QCOMPARE(again.losses.size(), size_t(3));
    }

private:
    static void backendForgets()
    {
        const Backend &card = backend(Device::cuda);
        card.synchronize();
        card.giveBack();
    }
};

QTEST_APPLESS_MAIN(TestDevices)
#include "tst_devices.moc"
