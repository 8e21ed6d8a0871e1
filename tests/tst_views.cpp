// Views that a device makes are the host's: pixel by pixel, each augmentation alone and all together, of every maker of batches, with the same record of what was done.
// Runs on CUDA on the host (tests/cudahost), which looks at every access, or with PRETEXT_CUDAHOST=OFF on a card.
#include "core/backend/backend.h"
#include "core/data/augment/imagenoise.h"
#include "core/data/loader.h"
#include "core/data/preparedimages.h"
#include "core/ssl/imageviews.h"
#include "core/ssl/method.h"
#include "core/system/threads.h"
#include "tests/testdevice.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace pretext;

namespace {

constexpr float kTolerance = 1e-5f; // of normalised values: the same sums in floats, in another order and rounded elsewhere
constexpr int kSamples = 5;

/// Smooth and edged, so that every augmentation shows; each sample another one.
class Pictures : public Dataset
{
public:
    explicit Pictures(ImageShape shape)
    {
        m_info.name = "pictures";
        m_info.image = shape;
        m_info.mean.assign(size_t(shape.channels), 0.3f);
        m_info.mean[0] = 0.25f;
        m_info.deviation.assign(size_t(shape.channels), 0.5f);
        m_info.deviation[0] = 0.4f;
        m_info.frames = shape.channels == 3;
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? 4 * kSamples : 0; }
    float label(Split, int64_t, int) const override { return 0; }
    Image image(Split, int64_t index) const override { return picture(int(index)); }
    Image next(Split, int64_t index) const override { return picture(int(index) + 100); }

private:
    Image picture(int number) const
    {
        const ImageShape shape = m_info.image;
        Image image{shape.height, shape.width, shape.channels, {}};
        for (int y = 0; y < shape.height; ++y)
            for (int x = 0; x < shape.width; ++x)
                for (int c = 0; c < shape.channels; ++c)
                    image.pixels.push_back(
                        static_cast<uint8_t>(x > 5 + number % 7 && y > shape.height / 2 ? 230 - 60 * c : (7 * x + 5 * y + 13 * number + 40 * c * x / 9) % 256));
        return image;
    }

    DatasetInfo m_info;
};

/// Only the named augmentations, certain to be applied; all where none is named. Of noise the kind that is named behind a colon, else
/// blur, so that two steps blur, before and after patches are shuffled.
KnobSet only(ImageShape shape, const std::string &name)
{
    KnobSet knobs(augmentationKnobs(shape));
    const std::string noise = name.starts_with("noise:") ? name.substr(6) : "blur";
    for (const AugmentationType &type : augmentationTypes()) {
        if (!knobs.find(type.name))
            continue;
        const bool on = name.empty() || name.substr(0, name.find(':')) == type.name;
        if (knobs.find(type.name)->kind == KnobKind::choice)
            knobs.set(type.name, on ? noise : std::string("none"));
        else
            knobs.set(type.name, on);
        if (const std::string probability = type.name + ".probability"; knobs.find(probability))
            knobs.set(probability, 1.0);
    }
    if (!name.empty())
        knobs.set("noise.strength", 0.6);
    return knobs;
}

KnobSet withKnobsOf(const MethodType &method, const KnobSet &knobs)
{
    std::vector<Knob> declarations = knobs.declarations();
    for (Knob &knob : method.knobs(InputShape(ImageShape{24, 24, 3})))
        declarations.push_back(std::move(knob));
    KnobSet all(declarations);
    for (const auto &[name, value] : knobs.values())
        all.set(name, value);
    return all;
}

std::unique_ptr<Batch> batchOn(Device device, ImageShape shape, const KnobSet &knobs, LoaderOptions options = {})
{
    const DeviceScope scope(device);
    options.batchSize = kSamples;
    options.seed = 5;
    options.ahead = 0;
    return Loader(std::make_shared<Pictures>(shape), knobs, options).next(1, {});
}

void compareRecords(const Batch &got, const Batch &expected)
{
    QCOMPARE(got.indices, expected.indices);
    QCOMPARE(got.targets, expected.targets);
    QCOMPARE(got.originals.size(), expected.originals.size());
    QVERIFY(got.originals == expected.originals);
    QCOMPARE(got.records.size(), expected.records.size());
    for (size_t row = 0; row < got.records.size(); ++row) {
        const Deeds &ours = got.records[row].deeds, &theirs = expected.records[row].deeds;
        QCOMPARE(ours.size(), theirs.size());
        for (size_t i = 0; i < ours.size(); ++i)
            QVERIFY(ours[i].by == theirs[i].by && ours[i].which == theirs[i].which && ours[i].amounts == theirs[i].amounts && ours[i].key == theirs[i].key);
    }
}

void compareValues(std::span<const float> got, std::span<const float> expected)
{
    QCOMPARE(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i)
        QVERIFY2(std::abs(got[i] - expected[i]) <= kTolerance, qPrintable(QString("value %1 is %2, on the host %3").arg(i).arg(got[i]).arg(expected[i])));
}

void compareDevices(ImageShape shape, const KnobSet &knobs, const LoaderOptions &options = {})
{
    const auto expected = batchOn(Device::cpu, shape, knobs, options), got = batchOn(Device::cuda, shape, knobs, options);
    QVERIFY(!expected->planned && !expected->pixels.empty());
    QVERIFY(got->planned && got->pixels.empty());
    compareRecords(*got, *expected);
    compareValues(hostPixels(*got).values, expected->pixels);
}

/// Two as large as the images, and three of half their side.
ViewKinds largeAndSmall(const KnobSet &)
{
    return {{"global", 2}, {"local", 3, 5, {{"crop.max_area", 0.4}}}};
}

/// Keeps what is offered.
struct Kept : Recorder
{
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &channel, std::function<Shown()> make) override { offers[channel] = std::move(make); }
    std::map<std::string, std::function<Shown()>> offers;
};

DatasetInfo infoOf(ImageShape shape)
{
    return Pictures(shape).info();
}

} // namespace

class TestViews : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        setThreads(1);
        if (!available(Device::cuda))
            QSKIP("there is no CUDA here");
    }

    void cleanup() { QCOMPARE(testing::findings(), QString()); }

    void anAugmentationIsTheHosts_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<ImageShape>("shape");
        std::vector<std::string> names{""};
        for (const AugmentationType &type : augmentationTypes())
            if (type.name != "noise")
                names.push_back(type.name);
        for (const ImageNoise &noise : imageNoises())
            names.push_back("noise:" + noise.name);
        for (const std::string &name : names)
            for (const ImageShape &shape : {ImageShape{28, 28, 1}, {19, 31, 3}})
                if (name != "grey" || shape.channels == 3)
                    QTest::newRow(qPrintable(
                        QString("%1 of %2 x %3 x %4").arg(name.empty() ? "all" : name.c_str()).arg(shape.height).arg(shape.width).arg(shape.channels)))
                        << QString::fromStdString(name) << shape;
    }

    void anAugmentationIsTheHosts()
    {
        QFETCH(QString, name);
        QFETCH(ImageShape, shape);
        const KnobSet knobs = only(shape, name.toStdString());
        compareDevices(shape, knobs);
        const auto plain = batchOn(Device::cpu, shape, only(shape, "nothing")), changed = batchOn(Device::cpu, shape, knobs);
        QVERIFY2(plain->pixels != changed->pixels, "the case shows nothing of it");
    }

    /// Which has not as many blocks as there are views: each makes one after another.
    void whatSharedMemoryCannotHoldIsTheHosts()
    {
        const DeclareViews many = [](const KnobSet &) { return ViewKinds{{"view", 5}}; };
        constexpr ImageShape kShape{48, 46, 3};
        compareDevices(kShape, only(kShape, ""), {.views = many});
    }

    void everyMakersViewsAreTheHosts()
    {
        constexpr ImageShape kShape{24, 24, 3};
        const KnobSet knobs = only(kShape, "");
        compareDevices(kShape, knobs, {.views = largeAndSmall});
        int makers = 0;
        for (const MethodType &method : methodTypes())
            if (method.maker && trainsOn(method, Modality::image)) {
                compareDevices(kShape, withKnobsOf(method, knobs), {.views = method.views, .maker = method.maker});
                ++makers;
            }
        QVERIFY(makers >= 6);
    }

    void solarisingAtNothingGivesTheNegative()
    {
        KnobSet knobs = only({16, 16, 1}, "solarise");
        knobs.set("solarise.threshold", 0.0);
        compareDevices({16, 16, 1}, knobs);
    }

    void whatNoDeviceKnowsTheHostDoes()
    {
        constexpr ImageShape kShape{9, 9, 3};
        AugmentationType own{.name = "own", .knobs = nullptr, .drawing = nullptr, .apply = [](const Deed &deed, const Planes &view) {
                                 for (size_t i = 0; i < view.size(); ++i)
                                     view.data[i] *= deed.amounts[0];
                             }};
        const Image image = Pictures(kShape).image(Split::train, 3);
        ViewRecord record;
        record.add("crop", {0.2f, 0.1f, 0.5f, 0.6f}).add("grey");
        ViewRecord unknown = record;
        unknown.deeds.push_back({.by = &own, .amounts = {0.5f}});
        PlannedViews planned(Device::cuda);
        planned.begin({Shape{2, 9, 9, 3}}, infoOf(kShape));
        const int64_t at = planned.addImage(image);
        planned.add(1, image, at, record, kShape);
        planned.add(0, image, at, unknown, kShape);
        planned.turn(0, 2);
        QVERIFY_THROWS_EXCEPTION(std::logic_error, planned.turn(1, 2));
        const std::vector<float> got = planned.made().at(0).toHost();
        std::vector<float> expected(2 * 243);
        applyRecord(image, unknown, kShape, std::span(expected).first(243));
        for (int pixel = 0; pixel < 40; ++pixel)
            std::swap_ranges(&expected[size_t(pixel) * 3], &expected[size_t(pixel) * 3 + 3], &expected[size_t(80 - pixel) * 3]);
        applyRecord(image, record, kShape, std::span(expected).last(243));
        for (size_t i = 0; i < expected.size(); ++i)
            expected[i] = (expected[i] - infoOf(kShape).mean[i % 3]) / infoOf(kShape).deviation[i % 3];
        compareValues(got, expected);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, planned.add(0, Pictures({9, 9, 1}).image(Split::train, 0), 0, record, kShape));
    }

    /// Slower than it need be is not wrong, so that nothing else would tell.
    void everyAugmentationIsKnownToADevice()
    {
        for (const AugmentationType &type : augmentationTypes())
            QVERIFY2(!type.apply || type.onDevice, type.name.c_str());
        for (const ImageNoise &noise : imageNoises())
            QVERIFY2(noise.onDevice, noise.name.c_str());
    }

    void aPartIsReadBack()
    {
        constexpr ImageShape kShape{12, 10, 3};
        const KnobSet knobs = only(kShape, "");
        const LoaderOptions options{.views = largeAndSmall};
        const auto expected = batchOn(Device::cpu, kShape, knobs, options), got = batchOn(Device::cuda, kShape, knobs, options);
        const size_t border = viewBlocks(*got).at(1).pixels;
        for (const auto &[first, count] : std::vector<std::pair<size_t, size_t>>{{0, 5}, {7, border - 7}, {border - 3, 8}, {border, 4}, {border + 100, 300}})
            compareValues(hostPixels(*got, first, count).values, std::span(expected->pixels).subspan(first, count));
    }

    void theWindowSeesTheSame()
    {
        constexpr ImageShape kShape{20, 20, 3};
        const KnobSet knobs = only(kShape, "");
        const auto expected = batchOn(Device::cpu, kShape, knobs), got = batchOn(Device::cuda, kShape, knobs);
        const auto prepared = preparedImages(infoOf(kShape));
        Kept ofHost, ofDevice;
        offerImageViews(*expected, prepared, ofHost);
        offerImageViews(*got, prepared, ofDevice);
        const auto images = std::get<ImageBatch>(ofHost.offers.at("views/pixels")().now()),
                   made = std::get<ImageBatch>(ofDevice.offers.at("views/pixels")().now());
        QCOMPARE(made.size(), images.size());
        int others = 0;
        for (size_t row = 0; row < images.size(); ++row)
            for (size_t i = 0; i < images[row].pixels.size(); ++i) {
                const int apart = std::abs(int(made[row].pixels[i]) - int(images[row].pixels[i]));
                QVERIFY(apart <= 1);
                others += apart;
            }
        QVERIFY2(others < 20, qPrintable(QString::number(others))); // of 12 000, where eight bits are rounded otherwise
    }

    void aRepeatedBatchAsksForNoMemory()
    {
        if (qEnvironmentVariable("PRETEXT_CUDA_CACHE") == "off")
            QSKIP("every tensor has memory of its own");
        constexpr ImageShape kShape{48, 46, 3};
        const DeviceScope scope(Device::cuda);
        Loader loader(std::make_shared<Pictures>(kShape), only(kShape, "crop"), {.batchSize = kSamples, .ahead = 0});
        MemoryStatistics before;
        for (int64_t step = 0; step < 3; ++step) {
            auto batch = loader.next(step, {});
            batch->planned->made();
            loader.recycle(std::move(batch));
            const MemoryStatistics now = backend(Device::cuda).memory();
            if (step > 0) {
                QCOMPARE(now.systemAllocations, before.systemAllocations);
                QCOMPARE(now.bytesInUse, before.bytesInUse);
            }
            before = now;
        }
    }
};

QTEST_APPLESS_MAIN(TestViews)
#include "tst_views.moc"
