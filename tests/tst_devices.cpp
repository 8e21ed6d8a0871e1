// Whole runs on a card, which here is CUDA on the host (tests/cudahost): every method trains as on the processor, whatever is above the backend goes through copies (the
// host may not touch the card's memory), a checkpoint goes on on the other device, and a card that is full or lost ends a run as it should.
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "tests/cudahost/cudahost.h"
#include "tests/testdevice.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

TrainerOptions optionsOf(const std::string &method, const std::string &encoder, const std::string &device, int64_t steps, const fs::path &out = {})
{
    TrainerOptions options = toyOptions(steps, out);
    options.config = toyConfig(steps, method, encoder);
    options.config.device = device;
    options.config.precision = "f32";
    options.dataset = encoder == "transformer" ? std::make_shared<ToyText>() : toyImagesFor(method);
    return options;
}

struct Trained
{
    std::vector<double> losses;
    std::vector<Event> events;
    Status status;
};

Trained train(const TrainerOptions &options)
{
    Lanes lanes;
    Trained trained;
    trained.status = trainToy(options, lanes);
    Log::Drained all = lanes.log.drain();
    for (const ScalarRow &row : all.rows)
        for (const auto &[name, value] : row.values)
            if (name == "loss/total")
                trained.losses.push_back(value);
    trained.events = std::move(all.events);
    return trained;
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

    void everyMethodTrainsAsOnTheProcessor()
    {
        constexpr int kSteps = 10;
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const Trained expected = train(optionsOf(method.toStdString(), encoder.toStdString(), "cpu", kSteps));
        const Trained got = train(optionsOf(method.toStdString(), encoder.toStdString(), "cuda", kSteps));
        QCOMPARE(got.status.failure, std::string());
        QCOMPARE(got.status.device, std::string("cuda"));
        QCOMPARE(got.losses.size(), size_t(kSteps));
        for (size_t step = 0; step < got.losses.size(); ++step) {
            const double scale = std::max(0.1, std::abs(expected.losses[step])), tolerance = step == 0 ? 1e-4 : 2e-2; // what is rounded otherwise grows
            QVERIFY2(std::abs(got.losses[step] - expected.losses[step]) <= tolerance * scale,
                     qPrintable(QString("step %1: %2, on the processor %3").arg(step).arg(got.losses[step]).arg(expected.losses[step])));
        }
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
        QCOMPARE(train(optionsOf("simclr", "mlp", from.toStdString(), 3, run)).status.failure, std::string());
        TrainerOptions options = resumptionOf(run).options;
        options.config.steps = 5;
        options.config.device = to.toStdString();
        options.dataset = std::make_shared<ToyData>();
        options.loaderAhead = 0;
        options.checkpointSeconds = 0;
        const Trained went = train(options);
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
        TrainerOptions options = optionsOf("simclr", "resnet", "cuda", 2);
        options.config.batch = 64;
        cudahost::setMemory(1 << 20);
        const Trained trained = train(options);
        cudahost::setMemory(size_t(-1));
        QVERIFY2(trained.status.failure.find("CUDA on the host") != std::string::npos, trained.status.failure.c_str());
        QVERIFY2(trained.status.failure.find("choose a") != std::string::npos, trained.status.failure.c_str());
    }

    void aLostCardLeavesTheCheckpoint()
    {
        QTemporaryDir folder;
        const fs::path run = fs::path(folder.path().toStdString()) / "run";
        QCOMPARE(train(optionsOf("simclr", "mlp", "cuda", 3, run)).status.failure, std::string());
        TrainerOptions options = resumptionOf(run).options;
        options.config.steps = 6;
        options.dataset = std::make_shared<ToyData>();
        options.loaderAhead = 0;
        options.checkpointSeconds = 0;
        cudahost::loseDevice(cudaErrorIllegalAddress);
        const Trained lost = train(options);
        cudahost::loseDevice(cudaSuccess);
        QCOMPARE(lost.status.state, TrainerState::failed);
        QVERIFY2(lost.status.failure.find("the device failed") != std::string::npos, lost.status.failure.c_str());
        const Trained again = train(options);
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
