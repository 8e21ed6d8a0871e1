// What supervised training does with long-tailed data: classes are counted where they are trained on, checkpoints carry the shares, and rare classes are told.
#include "core/autograd/operations.h"
#include "core/data/longtailed.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/files/safetensors.h"
#include "core/system/threads.h"
#include "tests/toydata.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// Four classes of 4 x 4 images, each a quarter that is a little brighter than the noise: they overlap, so that how common they are decides what is doubtful.
class DoubtfulData : public Dataset
{
public:
    static constexpr int kSide = 4, kEach = 400;

    DoubtfulData()
    {
        m_info.name = "doubtful";
        m_info.image = {kSide, kSide, 1};
        m_info.columns = {{"label", {"top left", "top right", "bottom left", "bottom right"}}};
        m_info.mean = {0.5f};
        m_info.deviation = {0.25f};
    }

    const DatasetInfo &info() const override { return m_info; }
    std::string fingerprint() const override { return "doubtful"; }
    int64_t size(Split) const override { return 4 * kEach; }
    float label(Split, int64_t index, int) const override { return float(index % 4); }
    Image image(Split split, int64_t index) const override
    {
        Random random(17, split == Split::train ? 0 : 1, uint32_t(index));
        Image image{kSide, kSide, 1, {}};
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x) {
                const bool bright = (y >= kSide / 2 ? 2 : 0) + (x >= kSide / 2 ? 1 : 0) == index % 4;
                image.pixels.push_back(uint8_t(std::clamp(128 + 60 * random.normal() + (bright ? 60 : 0), 0.f, 255.f)));
            }
        return image;
    }

private:
    DatasetInfo m_info;
};

TrainerOptions supervised(std::shared_ptr<const Dataset> data, int64_t steps, double adjustment, const fs::path &out)
{
    TrainerOptions options = toyOptions(steps, out);
    options.config = toyConfig(steps, "supervised");
    options.config.image = data->info().image;
    options.config.classes = int(data->info().columns.front().classes.size());
    options.config.knobs.set("logit.adjustment", adjustment);
    options.config.knobs.set("crop", false);
    options.config.knobs.set("flip", false);
    options.dataset = std::move(data);
    return options;
}

std::vector<float> priorIn(const fs::path &run)
{
    return readSafetensors(checkpointsIn(run).back()).tensors.at("prior.log").floats();
}

/// The mean over classes of the share of held-out samples that the logits, as they are, tell right.
double balancedAccuracy(const TrainedEncoder &trained, const Dataset &data)
{
    const auto parameters = trained.method->heads().parameters();
    const auto named = [&](const std::string &name) { return std::ranges::find(parameters, name, &NamedParameter::name)->variable; };
    const ImageShape shape = data.info().image;
    const int64_t samples = data.size(Split::test), classes = int64_t(data.info().columns.front().classes.size());
    std::vector<float> pixels;
    for (int64_t i = 0; i < samples; ++i)
        for (const uint8_t pixel : data.image(Split::test, i).pixels)
            pixels.push_back((float(pixel) / 255 - data.info().mean[0]) / data.info().deviation[0]);
    const NoGrad noGrad;
    const Variable images(Tensor::fromHost(pixels, {samples, shape.height, shape.width, shape.channels}));
    const std::vector<float> logits = linear((*trained.encoder)(images), named("classes.weight"), named("classes.bias")).value().toHost();
    double right = 0;
    for (int64_t i = 0; i < samples; ++i) {
        const auto first = logits.begin() + i * classes;
        right += std::max_element(first, first + classes) - first == int64_t(data.label(Split::test, i, 0));
    }
    return right / double(samples); // classes are equally common here
}

} // namespace

class TestLogitAdjustment : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { setThreads(1); }

    void classesAreCountedWhereTheyAreTrainedOn()
    {
        QTemporaryDir folder;
        const fs::path run = folder.filePath("run").toStdString();
        const auto tail = longTailed(std::make_shared<ToyData>(), 8); // 32 and 4 of the two classes
        const std::vector<float> expected{std::log(32 / 36.f), std::log(4 / 36.f)};
        const auto same = [&] { return std::ranges::equal(priorIn(run), expected, [](float a, float b) { return std::abs(a - b) < 1e-6f; }); };
        Lanes lanes;
        QVERIFY(trainToy(supervised(tail, 2, 1, run), lanes).failure.empty());
        QVERIFY(same());

        // A checkpoint of before has none: it is opened, and a run that goes on counts again.
        SafetensorsFile file = readSafetensors(checkpointsIn(run).back());
        file.tensors.erase("prior.log");
        writeSafetensors(checkpointsIn(run).back(), file);
        QVERIFY(loadEncoder(run).encoder);
        TrainerOptions further = supervised(tail, 4, 1, run);
        further.start = resumptionOf(run).options.start;
        Lanes more;
        const Status status = trainToy(further, more);
        QVERIFY2(status.failure.empty() && status.step == 4, status.failure.c_str());
        QVERIFY(same());
    }

    /// Menon et al., section 6: what is told of each class alike gains by the adjustment; here it is held-out accuracy over equally common classes.
    void rareClassesAreToldBetter()
    {
        const auto whole = std::make_shared<DoubtfulData>();
        const auto tail = longTailed(whole, 50);
        const auto reached = [&](double adjustment) {
            QTemporaryDir folder;
            const fs::path run = folder.filePath("run").toStdString();
            Lanes lanes;
            trainToy(supervised(tail, 300, adjustment, run), lanes);
            return balancedAccuracy(loadEncoder(run), *whole);
        };
        const double without = reached(0), with = reached(1);
        qInfo("balanced accuracy: %.3f without, %.3f with the adjustment", without, with);
        QVERIFY2(with > without + 0.05, qPrintable(QString("%1 without, %2 with").arg(without).arg(with)));
    }
};

QTEST_APPLESS_MAIN(TestLogitAdjustment)
#include "tst_logitadjustment.moc"
