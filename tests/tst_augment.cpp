// Views: the same as torchvision's for given parameters, distributed as torchvision's, reproducible from their record, and
// dependent on their key alone.
#include "core/data/augment/augment.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <algorithm>
#include <cmath>
#include <set>

using namespace pretext;

namespace {

constexpr ImageShape kGrey{28, 28, 1}, kRgb{32, 32, 3};
const char *const kSwitches[] = {"crop", "flip", "rotation", "jitter", "grey", "blur", "noise", "cutout", "solarise"};

/// Smooth and edged, so that every augmentation shows.
Image testImage(ImageShape shape)
{
    Image image{shape.height, shape.width, shape.channels, {}};
    for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x)
            for (int c = 0; c < shape.channels; ++c)
                image.pixels.push_back(static_cast<uint8_t>(x > 9 && y > 15 ? 230 - 60 * c : (7 * x + 5 * y + 40 * c * x / 9) % 256));
    return image;
}

/// Only the named augmentations, at their default strengths and certain to be applied.
KnobSet only(ImageShape shape, const std::set<std::string> &names)
{
    KnobSet knobs(augmentationKnobs(shape));
    for (const char *name : kSwitches)
        if (knobs.find(name)) {
            knobs.set(name, names.contains(name));
            if (const std::string probability = std::string(name) + ".probability"; knobs.find(probability))
                knobs.set(probability, 1.0);
        }
    return knobs;
}

std::vector<float> viewOf(const Augmenter &augmenter, ImageShape shape, const ViewKey &key)
{
    std::vector<float> view(size_t(shape.height) * shape.width * shape.channels);
    augmenter.make(testImage(shape), key, view);
    return view;
}

CropBox boxFrom(const nlohmann::json &json)
{
    return {json.at("x"), json.at("y"), json.at("width"), json.at("height")};
}

ViewRecord recordFrom(const nlohmann::json &json)
{
    ViewRecord record;
    if (json.contains("crop"))
        record.crop = boxFrom(json["crop"]);
    if (json.contains("cutout"))
        record.cutout = boxFrom(json["cutout"]);
    record.flipped = json.value("flipped", record.flipped);
    record.rotation = json.value("rotation", record.rotation);
    record.brightness = json.value("brightness", record.brightness);
    record.contrast = json.value("contrast", record.contrast);
    record.saturation = json.value("saturation", record.saturation);
    record.hue = json.value("hue", record.hue);
    record.jitterOrder = json.value("jitterOrder", record.jitterOrder);
    record.grey = json.value("grey", record.grey);
    record.blurSigma = json.value("blurSigma", record.blurSigma);
    record.solarise = json.value("solarise", record.solarise);
    return record;
}

const SafetensorsFile &fixtures()
{
    static const SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/golden/augment.safetensors");
    return file;
}

Image imageFrom(const FileTensor &tensor)
{
    Image image{int(tensor.shape[0]), int(tensor.shape[1]), int(tensor.shape[2]), {}};
    for (std::byte value : tensor.bytes)
        image.pixels.push_back(static_cast<uint8_t>(value));
    return image;
}

struct Moments
{
    double least = 1e9, most = -1e9, sum = 0, squares = 0;
    int count = 0;
    void add(double v)
    {
        least = std::min(least, v);
        most = std::max(most, v);
        sum += v;
        squares += v * v;
        ++count;
    }
    double mean() const { return sum / count; }
    double deviation() const { return std::sqrt(squares / count - mean() * mean()); }
};

} // namespace

class TestAugment : public QObject
{
    Q_OBJECT
private slots:
    void agreesWithTorchvision_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, parameters] : fixtures().metadata)
            if (name != "torchvision")
                QTest::addRow("%s", name.c_str()) << QString::fromStdString(name);
    }

    void agreesWithTorchvision()
    {
        QFETCH(QString, name);
        const nlohmann::json json = nlohmann::json::parse(fixtures().metadata.at(name.toStdString()));
        const Image original = imageFrom(fixtures().tensors.at("original/" + json.at("original").get<std::string>()));
        const std::vector<float> expected = fixtures().tensors.at(name.toStdString()).floats();
        const ImageShape shape{original.height, original.width, original.channels};
        std::vector<float> view(expected.size());
        Augmenter(KnobSet(), shape).apply(original, recordFrom(json), view);

        // Of a range of one; what remains is the rounding of floats.
        float largest = 0;
        for (size_t i = 0; i < view.size(); ++i)
            largest = std::max(largest, std::abs(view[i] - expected[i]));
        QVERIFY2(largest < 1e-4f, qPrintable(QString("largest difference %1").arg(largest)));
        qInfo("largest difference %.1e", largest);
    }

    void everyRecordFieldHasAFixture()
    {
        std::set<std::string> seen;
        for (const auto &[name, parameters] : fixtures().metadata)
            if (name != "torchvision") {
                const nlohmann::json json = nlohmann::json::parse(parameters);
                for (const auto &[field, value] : json.items())
                    seen.insert(field);
            }
        for (const char *field :
             {"crop", "flipped", "rotation", "brightness", "contrast", "saturation", "hue", "jitterOrder", "grey", "blurSigma", "cutout", "solarise"})
            QVERIFY2(seen.contains(field), field);
    }

    void cropsAreDistributedAsTorchvisions()
    {
        const Augmenter augmenter(only(kGrey, {"crop"}), kGrey);
        Moments area, x, width, ratio;
        for (uint32_t i = 0; i < 40000; ++i) {
            const CropBox box = augmenter.draw({1, 0, i, 0}).crop;
            area.add(double(box.width) * box.height);
            x.add(box.x);
            width.add(box.width);
            ratio.add(double(box.width) / box.height);
        }
        const auto compare = [](const char *name, const Moments &ours) {
            const std::vector<float> theirs = fixtures().tensors.at(std::string("distribution/") + name).floats();
            const double error = theirs[3] / std::sqrt(double(ours.count)); // of a mean
            QVERIFY2(std::abs(ours.mean() - theirs[1]) < 6 * error, name);
            QVERIFY2(std::abs(ours.deviation() - theirs[3]) < 6 * error, name);
            QVERIFY2(std::abs(ours.least - theirs[0]) < 0.04 && std::abs(ours.most - theirs[2]) < 0.04, name);
        };
        compare("area", area);
        compare("x", x);
        compare("width", width);
        compare("ratio", ratio);
    }

    void cropsStayInsideTheImage()
    {
        KnobSet knobs = only(kGrey, {"crop"});
        knobs.set("crop.ratio", 3.0);
        knobs.set("crop.min_area", 0.05);
        const Augmenter augmenter(knobs, kGrey);
        for (uint32_t i = 0; i < 5000; ++i) {
            const CropBox box = augmenter.draw({2, 0, i, 0}).crop;
            QVERIFY(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1.0001f && box.y + box.height <= 1.0001f);
            QVERIFY(box.width > 0 && box.height > 0);
        }
    }

    void factorsStayWithinTheirStrength()
    {
        const KnobSet knobs = only(kRgb, {"flip", "rotation", "jitter", "blur", "noise", "cutout"});
        const Augmenter augmenter(knobs, kRgb);
        Moments brightness, hue, rotation, sigma, noise, cutout;
        std::set<std::string> orders;
        for (uint32_t i = 0; i < 5000; ++i) {
            const ViewRecord record = augmenter.draw({3, 0, i, 1});
            brightness.add(record.brightness);
            hue.add(record.hue);
            rotation.add(record.rotation);
            sigma.add(record.blurSigma);
            noise.add(record.noise);
            cutout.add(double(record.cutout.width) * record.cutout.height);
            orders.emplace(record.jitterOrder.begin(), record.jitterOrder.end());
        }
        const auto spans = [](const Moments &m, double low, double high) {
            const double slack = 0.02 * (high - low);
            return m.least >= low - 1e-6 && m.least < low + slack && m.most <= high + 1e-6 && m.most > high - slack;
        };
        QVERIFY(spans(brightness, 0.6, 1.4));
        QVERIFY(spans(hue, -0.1, 0.1));
        QVERIFY(spans(rotation, -15, 15));
        QVERIFY(spans(sigma, 0.1, 1));
        QVERIFY(spans(noise, 0, 0.1));
        QVERIFY(cutout.least >= 0 && cutout.most < 0.27 && cutout.mean() > 0.1);
        QCOMPARE(orders.size(), size_t(24));
    }

    void probabilitiesAreKept()
    {
        KnobSet knobs(augmentationKnobs(kRgb));
        for (const char *name : kSwitches)
            knobs.set(name, true);
        const Augmenter augmenter(knobs, kRgb);
        double flips = 0, jitters = 0, greys = 0, blurs = 0, solarised = 0, cut = 0;
        constexpr int kDraws = 20000;
        for (uint32_t i = 0; i < kDraws; ++i) {
            const ViewRecord record = augmenter.draw({4, 2, i, 0});
            flips += record.flipped;
            jitters += !record.jitterOrder.empty();
            greys += record.grey;
            blurs += record.blurSigma > 0;
            solarised += record.solarise <= 1;
            cut += record.cutout.width > 0;
        }
        const auto near = [](double count, double p) { return std::abs(count / kDraws - p) < 5 * std::sqrt(p * (1 - p) / kDraws); };
        QVERIFY(near(flips, 0.5));
        QVERIFY(near(jitters, 0.8));
        QVERIFY(near(greys, 0.2));
        QVERIFY(near(blurs, 0.5));
        QVERIFY(near(solarised, 0.2));
        QVERIFY(near(cut, 0.5));
    }

    void noiseHasItsDeviation()
    {
        Image image{64, 64, 1, std::vector<uint8_t>(64 * 64, 128)};
        ViewRecord record;
        record.noise = 0.05f;
        record.noiseKey = 0x123456789abcdef;
        std::vector<float> view(64 * 64);
        Augmenter(KnobSet(), {64, 64, 1}).apply(image, record, view);
        Moments moments;
        double neighbours = 0;
        for (size_t i = 0; i < view.size(); ++i) {
            moments.add(view[i] - 128 / 255.);
            neighbours += i ? (view[i] - 128 / 255.) * (view[i - 1] - 128 / 255.) : 0;
        }
        QVERIFY(std::abs(moments.mean()) < 0.004);
        QVERIFY(std::abs(moments.deviation() - 0.05) < 0.002);
        QVERIFY(moments.most > 0.13 && moments.least < -0.13); // tails beyond 2.6 deviations
        QVERIFY(std::abs(neighbours / view.size()) < 0.05 * 0.05 * 0.06);
    }

    void allOffIsTheOriginal()
    {
        for (ImageShape shape : {kGrey, kRgb}) {
            const Image image = testImage(shape);
            const std::vector<float> view = viewOf(Augmenter(only(shape, {}), shape), shape, {1, 1, 1, 1});
            for (size_t i = 0; i < view.size(); ++i)
                QCOMPARE(std::lround(view[i] * 255), long(image.pixels[i]));
            QCOMPARE(ViewRecord().describe(), std::string("nothing"));
        }
    }

    void aRecordMakesItsViewAgain()
    {
        for (ImageShape shape : {kGrey, kRgb}) {
            const Augmenter all(only(shape, {std::begin(kSwitches), std::end(kSwitches)}), shape);
            const Augmenter other{KnobSet(), shape}; // applying depends on the record alone
            for (uint32_t i = 0; i < 50; ++i) {
                std::vector<float> made(size_t(shape.height) * shape.width * shape.channels), again(made.size());
                const ViewRecord record = all.make(testImage(shape), {5, 0, i, 0}, made);
                other.apply(testImage(shape), record, again);
                QCOMPARE(again, made);
                QVERIFY(std::all_of(made.begin(), made.end(), [](float v) { return v >= 0 && v <= 1; }));
            }
        }
    }

    void everyPartOfTheKeyMatters()
    {
        const Augmenter augmenter(KnobSet(augmentationKnobs(kGrey)), kGrey);
        const std::vector<float> view = viewOf(augmenter, kGrey, {1, 2, 3, 0});
        QCOMPARE(viewOf(augmenter, kGrey, {1, 2, 3, 0}), view);
        for (const ViewKey &key : {ViewKey{2, 2, 3, 0}, ViewKey{1, 3, 3, 0}, ViewKey{1, 2, 4, 0}, ViewKey{1, 2, 3, 1}})
            QVERIFY(viewOf(augmenter, kGrey, key) != view);
    }

    void switchingOneOnLeavesTheOthersDraws()
    {
        const Augmenter few(only(kRgb, {"crop", "jitter"}), kRgb), more(only(kRgb, {"crop", "flip", "blur", "jitter", "noise"}), kRgb);
        for (uint32_t i = 0; i < 20; ++i) {
            const ViewRecord a = few.draw({6, 0, i, 0}), b = more.draw({6, 0, i, 0});
            QCOMPARE(b.crop.x, a.crop.x);
            QCOMPARE(b.crop.height, a.crop.height);
            QCOMPARE(b.brightness, a.brightness);
            QCOMPARE(b.jitterOrder, a.jitterOrder);
        }
    }

    void knobsDeclareThemselves()
    {
        const KnobSet grey(augmentationKnobs(kGrey)), colour(augmentationKnobs(kRgb));
        QVERIFY(!grey.find("jitter.hue") && !grey.find("grey") && !grey.find("jitter.saturation"));
        QVERIFY(colour.find("jitter.hue") && colour.find("grey") && colour.find("jitter.saturation"));
        for (const Knob &knob : colour.declarations()) {
            QCOMPARE(knob.effect, KnobEffect::nextBatch);
            QVERIFY2(!knob.help.empty(), knob.name.c_str());
        }
        for (const char *name : kSwitches)
            QVERIFY2(colour.find(name) && colour.find(name)->kind == KnobKind::boolean, name);
    }

    void describesWhatWasDone()
    {
        ViewRecord record;
        record.crop = {0, 0, 0.8f, 0.775f};
        record.flipped = true;
        record.rotation = 8;
        record.brightness = 1.3f;
        record.jitterOrder = {0};
        QCOMPARE(record.describe(), std::string("crop 62 %, flipped, rotated 8°, brightness ×1.30"));
    }

    void refusesWhatDoesNotFit()
    {
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), ImageShape{28, 28, 2}));
        std::vector<float> view(28 * 28);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), kGrey).apply(testImage(kRgb), {}, view));
        view.pop_back();
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), kGrey).apply(testImage(kGrey), {}, view));
    }
};

QTEST_APPLESS_MAIN(TestAugment)
#include "tst_augment.moc"
