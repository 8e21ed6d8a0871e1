// Views: the same as torchvision's and NumPy's for given parameters, distributed as torchvision's, reproducible from their record, and
// dependent on their key alone.
#include "core/data/augment/augment.h"
#include "core/data/augment/imagenoise.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace pretext;

namespace {

constexpr ImageShape kGrey{28, 28, 1}, kRgb{32, 32, 3};
const char *const kJitters[] = {"brightness", "contrast", "saturation", "hue"};

std::set<std::string> allNames()
{
    std::set<std::string> names;
    for (const AugmentationType &type : augmentationTypes())
        names.insert(type.name);
    return names;
}

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
    for (const std::string &name : allNames())
        if (knobs.find(name)) {
            knobs.set(name, names.contains(name)); // of noise: the kind that it was before it had kinds
            if (const std::string probability = name + ".probability"; knobs.find(probability))
                knobs.set(probability, 1.0);
        }
    return knobs;
}

/// The augmentation stays switched on, but what it does comes to nothing.
KnobSet atItsLeast(KnobSet knobs, const std::string &name)
{
    for (const Knob &knob : knobs.declarations())
        if (knob.name.starts_with(name + "."))
            knobs.set(knob.name, knob.name.starts_with("crop.m") ? knob.maximum : knob.minimum); // of areas the whole
    return knobs;
}

std::vector<float> viewOf(const Augmenter &augmenter, ImageShape shape, const ViewKey &key)
{
    std::vector<float> view(size_t(shape.height) * shape.width * shape.channels);
    augmenter.make(testImage(shape), key, view);
    return view;
}

/// The deeds that a fixture names, in the order in which they are applied.
ViewRecord recordFrom(const nlohmann::json &json)
{
    ViewRecord record;
    const auto addBox = [&](const char *name) {
        if (const auto box = json.find(name); box != json.end())
            record.add(name, {box->at("x"), box->at("y"), box->at("width"), box->at("height")});
    };
    addBox("crop");
    if (json.value("flipped", false))
        record.add("flip");
    if (json.contains("rotation"))
        record.add("rotation", {json["rotation"]});
    for (int which : json.value("jitterOrder", std::vector<int>()))
        record.add("jitter", {json.at(kJitters[which])}, which);
    if (json.value("grey", false))
        record.add("grey");
    if (json.contains("blurSigma"))
        record.add("blur", {json["blurSigma"]});
    if (json.contains("solarise"))
        record.add("solarise", {json["solarise"]});
    const auto key = [&json] { return json["key"][0].get<uint64_t>() | json["key"][1].get<uint64_t>() << 32; };
    if (json.contains("shuffle"))
        record.add("shuffle", {json["shuffle"]}, 0, key());
    if (json.contains("noise"))
        record.add("noise", {json.at("strength")}, imageNoiseNumber(json["noise"]), key());
    addBox("cutout");
    return record;
}

const SafetensorsFile &fixtures()
{
    static const SafetensorsFile all = [] {
        SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/golden/augment.safetensors");
        SafetensorsFile noises = readSafetensors(PRETEXT_SOURCE_DIR "/tests/golden/noises.safetensors");
        file.tensors.merge(noises.tensors);
        file.metadata.merge(noises.metadata);
        return file;
    }();
    return all;
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
    void agreesWithItsReference_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, parameters] : fixtures().metadata)
            if (name != "torchvision")
                QTest::addRow("%s", name.c_str()) << QString::fromStdString(name);
    }

    void agreesWithItsReference()
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

    void everyAugmentationHasAFixture()
    {
        std::set<std::pair<std::string, int>> seen;
        for (const auto &[name, parameters] : fixtures().metadata)
            if (name != "torchvision")
                for (const Deed &deed : recordFrom(nlohmann::json::parse(parameters)).deeds)
                    seen.insert({deed.by->name, deed.which});
        for (const AugmentationType &type : augmentationTypes())
            QVERIFY2(seen.contains({type.name, 0}), type.name.c_str());
        for (int which = 0; which < 4; ++which)
            QVERIFY2(seen.contains({"jitter", which}), kJitters[which]);
        for (size_t which = 0; which < imageNoises().size(); ++which)
            QVERIFY2(seen.contains({"noise", int(which)}), imageNoises()[which].name.c_str());
    }

    void cropsAreDistributedAsTorchvisions()
    {
        const Augmenter augmenter(only(kGrey, {"crop"}), kGrey);
        Moments area, x, width, ratio;
        for (uint32_t i = 0; i < 40000; ++i) {
            const CropBox box = augmenter.draw({1, 0, i, 0}).placement().crop;
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
            const CropBox box = augmenter.draw({2, 0, i, 0}).placement().crop;
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
            const auto amount = [&](const char *name, int which = 0) {
                const Deed *deed = record.find(name, which);
                return deed ? deed->amounts[0] : 0;
            };
            brightness.add(amount("jitter", 0));
            hue.add(amount("jitter", 3));
            rotation.add(amount("rotation"));
            sigma.add(amount("blur"));
            noise.add(amount("noise"));
            const Deed *box = record.find("cutout");
            cutout.add(box ? double(box->amounts[2]) * box->amounts[3] : 0);
            std::string order;
            for (const Deed &deed : record.deeds)
                if (deed.by->name == "jitter")
                    order += char('0' + deed.which);
            orders.insert(order);
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
        for (const std::string &name : allNames())
            knobs.set(name, true);
        const Augmenter augmenter(knobs, kRgb);
        std::map<std::string, double> counts;
        constexpr int kDraws = 20000;
        for (uint32_t i = 0; i < kDraws; ++i)
            for (const Deed &deed : augmenter.draw({4, 2, i, 0}).deeds)
                counts[deed.by->name] += deed.by->name != "jitter" || deed.which == 0;
        int judged = 0;
        for (const std::string &name : allNames())
            if (knobs.find(name + ".probability")) {
                const double p = knobs.real(name + ".probability");
                QVERIFY2(std::abs(counts[name] / kDraws - p) < 5 * std::sqrt(p * (1 - p) / kDraws), name.c_str());
                ++judged;
            }
        QVERIFY(judged >= 6);
    }

    void noiseHasItsDeviation()
    {
        Image image{64, 64, 1, std::vector<uint8_t>(64 * 64, 128)};
        ViewRecord record;
        record.add("noise", {0.05f}, imageNoiseNumber("gaussian"), 0x123456789abcdef);
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
            const Augmenter all(only(shape, allNames()), shape);
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
            QCOMPARE(b.find("crop") != nullptr, a.find("crop") != nullptr);
            for (const Deed &deed : a.deeds)
                QCOMPARE(b.find(deed.by->name, deed.which)->amounts, deed.amounts);
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
    }

    void everyAugmentation_data()
    {
        QTest::addColumn<QString>("name");
        for (const AugmentationType &type : augmentationTypes())
            QTest::addRow("%s", type.name.c_str()) << QString::fromStdString(type.name);
    }

    /// What each row of the table owes, so that a new one is tested by being there.
    void everyAugmentation()
    {
        QFETCH(QString, name);
        const AugmentationType &type = augmentationType(name.toStdString());
        const std::vector<Knob> knobs = type.knobs(kRgb);
        QCOMPARE(knobs.at(0).name, type.name);
        QVERIFY(std::count_if(augmentationTypes().begin(), augmentationTypes().end(),
                              [&](const AugmentationType &other) { return other.name == type.name || other.stream == type.stream; })
                == 1);
        for (size_t i = 1; i < knobs.size(); ++i)
            QVERIFY2(knobs[i].name.starts_with(type.name + "."), knobs[i].name.c_str());

        const KnobSet on = only(kRgb, {type.name});
        const Augmenter augmenter(on, kRgb), again(on, kRgb), off(atItsLeast(on, type.name), kRgb);
        const Image original = testImage(kRgb);
        std::vector<float> untouched(size_t(32) * 32 * 3), view(untouched.size()), same(untouched.size());
        Augmenter(KnobSet(), kRgb).apply(original, {}, untouched);
        int touched = 0;
        for (uint32_t i = 0; i < 30; ++i) {
            const ViewRecord record = augmenter.make(original, {7, 1, i, 0}, view);
            QCOMPARE(again.make(original, {7, 1, i, 0}, same).describe(), record.describe());
            QCOMPARE(same, view);
            QVERIFY(std::all_of(view.begin(), view.end(), [](float v) { return v >= 0 && v <= 1; }));
            QCOMPARE(record.deeds.empty(), record.describe() == "nothing");
            QVERIFY(!record.deeds.empty() || view == untouched);
            touched += view != untouched;
            QCOMPARE(off.draw({7, 1, i, 0}).describe(), std::string("nothing"));
        }
        QVERIFY(touched > 25);
    }

    void everyNoise_data()
    {
        QTest::addColumn<QString>("name");
        for (const ImageNoise &noise : imageNoises())
            QTest::addRow("%s", noise.name.c_str()) << QString::fromStdString(noise.name);
    }

    void everyNoise()
    {
        QFETCH(QString, name);
        const ImageNoise &noise = imageNoises().at(imageNoiseNumber(name.toStdString()));
        KnobSet knobs = only(kRgb, {});
        QVERIFY(knobs.find("noise")->help.find(noise.name + " " + noise.help) != std::string::npos);
        QVERIFY(knobs.find("noise.strength")->help.find(noise.name + " " + noise.unit) != std::string::npos);
        knobs.set("noise", noise.name);
        std::vector<std::vector<float>> views;
        std::vector<std::string> words;
        for (const double strength : {0., 0.05, 1.}) {
            knobs.set("noise.strength", strength);
            const Augmenter augmenter(knobs, kRgb);
            QCOMPARE(viewOf(augmenter, kRgb, {1, 1, 1, 1}), viewOf(augmenter, kRgb, {1, 1, 1, 1}));
            views.push_back(viewOf(augmenter, kRgb, {1, 1, 1, 1}));
            words.push_back(augmenter.draw({1, 1, 1, 1}).describe());
            QVERIFY(std::all_of(views.back().begin(), views.back().end(), [](float v) { return v >= 0 && v <= 1; }));
        }
        QCOMPARE(words[0], std::string("nothing"));
        QVERIFY(words[1] != "nothing" && words[2] != words[1]);
        const auto distance = [&](const std::vector<float> &view) {
            double sum = 0;
            for (size_t i = 0; i < view.size(); ++i)
                sum += std::abs(view[i] - views[0][i]);
            return sum / double(view.size());
        };
        QVERIFY2(distance(views[1]) > 1e-4 && distance(views[2]) > 2 * distance(views[1]),
                 qPrintable(QString("%1, %2").arg(distance(views[1])).arg(distance(views[2]))));
    }

    void noiseWasOnceASwitch()
    {
        KnobSet knobs(augmentationKnobs(kGrey));
        knobs.set("noise", true);
        QCOMPARE(knobs.choice("noise"), std::string("gaussian"));
        knobs.setText("noise", "off");
        QCOMPARE(knobs.choice("noise"), std::string("none"));
        knobs.setText("noise", "speckle");
        knobs.check("noise", false);
        QCOMPARE(knobs.choice("noise"), std::string("speckle"));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, knobs.setText("noise", "smoke"));
    }

    /// What seed 1 .. 3 have always drawn: old runs go on with the same views.
    void drawsWhatItAlwaysDrew()
    {
        KnobSet knobs(augmentationKnobs(kRgb));
        for (const std::string &name : allNames())
            knobs.set(name, name != "shuffle"); // which is younger
        knobs.set("noise.strength", 0.2);
        const char *const expected[] = {
            "crop 76 %, rotated 6°, grey, solarised above 0.50, Gaussian noise σ 0.08, cut-out 7 %",
            "crop 37 %, flipped, rotated -1°, saturation ×0.84, brightness ×1.23, contrast ×1.24, hue +0°, grey, Gaussian noise σ 0.18",
            "crop 79 %, rotated -10°, contrast ×1.30, saturation ×1.39, hue -20°, brightness ×0.89, grey, blur σ 0.7, Gaussian noise σ "
            "0.19",
            "crop 66 %, rotated -3°, grey, Gaussian noise σ 0.06",
        };
        const Augmenter augmenter(knobs, kRgb);
        for (uint32_t i = 0; i < std::size(expected); ++i)
            QCOMPARE(augmenter.draw({i % 3 + 1, 0, i, i & 1}).describe(), std::string(expected[i]));
    }

    void describesWhatWasDone()
    {
        ViewRecord record;
        record.add("crop", {0, 0, 0.8f, 0.775f}).add("flip").add("rotation", {8}).add("jitter", {1.3f});
        QCOMPARE(record.describe(), std::string("crop 62 %, flipped, rotated 8°, brightness ×1.30"));
    }

    /// Each pixel is there as often as before, and each patch as a whole; a view smaller than the grid is left with patches of one pixel.
    void aShuffleMovesWholePatches()
    {
        for (const auto &[side, extent] : {std::pair(4, 28), {16, 5}}) {
            Image image{extent, extent, 1, {}};
            for (int i = 0; i < extent * extent; ++i)
                image.pixels.push_back(static_cast<uint8_t>(i % 251));
            std::vector<float> view(image.pixels.size());
            Augmenter(KnobSet(), {extent, extent, 1}).apply(image, ViewRecord().add("shuffle", {float(side)}, 0, 77), view);
            std::vector<int> before(image.pixels.begin(), image.pixels.end()), after;
            for (const float value : view)
                after.push_back(int(std::lround(255 * value)));
            QVERIFY(after != before);
            const int patch = std::max(1, extent / side);
            for (int x = 0; patch > 1 && x + 1 < patch; ++x) // the first row of the first patch is a piece of a row of the original
                QCOMPARE((after[x + 1] - after[x] + 251) % 251, 1);
            std::ranges::sort(before);
            std::ranges::sort(after);
            QCOMPARE(after, before);
        }
    }

    void refusesWhatDoesNotFit()
    {
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), ImageShape{28, 28, 2}));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, ViewRecord().add("smoke"));
        std::vector<float> view(28 * 28);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), kGrey).apply(testImage(kRgb), {}, view));
        view.pop_back();
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Augmenter(KnobSet(), kGrey).apply(testImage(kGrey), {}, view));
    }
};

QTEST_APPLESS_MAIN(TestAugment)
#include "tst_augment.moc"
