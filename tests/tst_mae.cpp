// The masked autoencoder: which patches are hidden, and what it shows of what it painted. Its loss, gradient and steps are held against PyTorch's
// by tst_golden.
#include "core/engine/model.h"
#include "core/ssl/patchmask.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace pretext;

namespace {

constexpr ImageShape kImage{8, 16, 3};
constexpr int kImages = 5, kPatches = 8;

class Kept : public Recorder
{
public:
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &channel, std::function<Shown()> make) override { offers[channel] = std::move(make); }
    Matrix matrix(const std::string &channel) const { return std::get<Matrix>(offers.at(channel)().now()); }
    std::map<std::string, std::function<Shown()>> offers;
};

Batch noiseBatch()
{
    Batch batch;
    batch.views = 1;
    batch.kinds = {{.name = "view", .count = 1}};
    batch.shape = kImage;
    Random random(4);
    for (int image = 0; image < kImages; ++image)
        batch.indices.push_back(10 + image);
    for (int i = 0; i < kImages * kImage.height * kImage.width * kImage.channels; ++i)
        batch.pixels.push_back(0.5f + random.normal());
    batch.records.resize(kImages);
    return batch;
}

RunConfig maeConfig()
{
    RunConfig config;
    config.method = "mae";
    config.encoder = "vit";
    config.knobs = KnobSet(knobsOf(config.method, config.encoder, kImage));
    config.knobs.set("encoder.width", 16.0);
    config.knobs.set("decoder.width", 16.0);
    return config;
}

std::vector<int32_t> hiddenOf(MaskShape shape, const PatchGrid &grid, double ratio, uint32_t seed)
{
    Random random(seed);
    const std::vector<int32_t> kept = drawKept(shape, grid, ratio, random);
    std::vector<int32_t> hidden;
    for (int32_t place = 0; place < grid.count(); ++place)
        if (!std::ranges::binary_search(kept, place))
            hidden.push_back(place);
    return hidden;
}

/// Patches that touch the first of them along a side, and so on.
size_t reached(const std::vector<int32_t> &places, const PatchGrid &grid)
{
    std::set<int32_t> left(places.begin(), places.end());
    std::vector<int32_t> next{places.front()};
    left.erase(places.front());
    size_t count = 0;
    while (!next.empty()) {
        const int32_t place = next.back();
        next.pop_back();
        ++count;
        const int column = place % grid.columns;
        for (const auto &[beside, there] :
             {std::pair(place - 1, column > 0), {place + 1, column + 1 < grid.columns}, {place - grid.columns, true}, {place + grid.columns, true}})
            if (there && left.erase(beside))
                next.push_back(beside);
    }
    return count;
}

} // namespace

class TestMae : public QObject
{
    Q_OBJECT

private slots:
    void asManyAreHiddenAsTheRatioSays()
    {
        const PatchGrid grid{7, 9, 4, 1};
        for (const std::string &name : maskShapes())
            for (const double ratio : {0.05, 0.5, 0.75, 0.95})
                for (uint32_t seed = 0; seed < 20; ++seed)
                    QCOMPARE(int(hiddenOf(maskShapeNamed(name), grid, ratio, seed).size()), int(std::lround(ratio * 63)));
        QCOMPARE(hiddenCount({1, 2, 4, 1}, 0.95), 1); // one is kept
        QCOMPARE(hiddenCount({1, 2, 4, 1}, 0.05), 1); // and one hidden
    }

    void everyPatchIsHiddenAsOftenByChance()
    {
        const PatchGrid grid{4, 4, 4, 1};
        std::vector<int> times(16);
        for (uint32_t seed = 0; seed < 2000; ++seed)
            for (const int32_t place : hiddenOf(MaskShape::random, grid, 0.75, seed))
                ++times[size_t(place)];
        for (const int count : times)
            QVERIFY2(std::abs(count - 1500) < 100, qPrintable(QString::number(count))); // five standard deviations
    }

    void aBlockHangsTogetherAndWanders()
    {
        const PatchGrid grid{8, 8, 4, 1};
        std::set<std::vector<int32_t>> seen;
        for (uint32_t seed = 0; seed < 40; ++seed) {
            const std::vector<int32_t> hidden = hiddenOf(MaskShape::block, grid, 0.4, seed);
            QCOMPARE(reached(hidden, grid), hidden.size());
            seen.insert(hidden);
        }
        QVERIFY2(seen.size() > 30, qPrintable(QString::number(seen.size())));
    }

    void aGridKeepsEverySecondOfEverySecondRow()
    {
        const PatchGrid grid{6, 8, 4, 1};
        Random random(1);
        std::vector<int32_t> wanted;
        for (int row = 0; row < 6; row += 2)
            for (int column = 0; column < 8; column += 2)
                wanted.push_back(row * 8 + column);
        QCOMPARE(drawKept(MaskShape::grid, grid, 0.75, random), wanted);
    }

    void whatIsShownIsWhatTheLossIsOf_data()
    {
        QTest::addColumn<bool>("normalise");
        QTest::newRow("normalised patches") << true;
        QTest::newRow("pixels") << false;
    }
    void whatIsShownIsWhatTheLossIsOf()
    {
        QFETCH(bool, normalise);
        RunConfig config = maeConfig();
        config.knobs.set("target.normalise", normalise);
        const Model model = makeModel(config, kImage);
        const Batch batch = noiseBatch();
        Kept channels;
        const Variable loss = model.method->loss(*model.encoder, stepInput(batch, config, 0, nullptr, channels));
        const Matrix output = channels.matrix("reconstruction/output"), error = channels.matrix("reconstruction/error");
        QCOMPARE(error.rows, int64_t(kImages));
        QCOMPARE(error.columns, int64_t(kPatches));
        double sum = 0, pixelSum = 0;
        int hidden = 0;
        for (int64_t image = 0; image < kImages; ++image)
            for (int place = 0; place < kPatches; ++place) {
                const float patchError = error.at(image, place);
                double squared = 0;
                for (int y = 0; y < 4; ++y)
                    for (int x = 0; x < 4 * kImage.channels; ++x) {
                        const int64_t at = ((place / 4 * 4 + y) * kImage.width + place % 4 * 4) * kImage.channels + x;
                        squared += std::pow(double(output.at(image, at)) - batch.pixels[size_t(image * output.columns + at)], 2);
                    }
                if (std::isnan(patchError)) {
                    QCOMPARE(squared, 0.); // what was seen is as it was
                    continue;
                }
                QVERIFY(squared > 0);
                sum += patchError;
                pixelSum += squared / (16 * kImage.channels);
                ++hidden;
            }
        QCOMPARE(hidden, kImages * 6);
        QVERIFY(std::abs(sum / hidden - loss.value().item()) < 1e-5 * loss.value().item());
        if (!normalise)
            QVERIFY(std::abs(pixelSum / hidden - loss.value().item()) < 1e-5 * loss.value().item());
    }

    void theMaskIsLiveAndAFunctionOfTheSample()
    {
        RunConfig config = maeConfig();
        const Model model = makeModel(config, kImage);
        const auto hidden = [&](const Batch &batch) {
            Kept channels;
            model.method->loss(*model.encoder, stepInput(batch, config, 0, nullptr, channels));
            std::vector<bool> places;
            for (const float value : channels.matrix("reconstruction/error").values)
                places.push_back(!std::isnan(value));
            return places;
        };
        Batch batch = noiseBatch();
        const std::vector<bool> first = hidden(batch);
        QCOMPARE(hidden(batch), first);
        batch.epoch = 1;
        QVERIFY(hidden(batch) != first);
        config.knobs.set("mask.ratio", 0.25);
        QCOMPARE(int(std::ranges::count(hidden(batch), true)), kImages * 2);
        config.knobs.set("mask.shape", std::string("grid"));
        const std::vector<bool> grid = hidden(batch);
        QVERIFY(std::equal(grid.begin(), grid.begin() + kPatches, grid.begin() + kPatches)); // the same in every image
    }

    void encodersWithoutPatchesAreRefused()
    {
        RunConfig config = maeConfig();
        const auto message = [&](const std::string &encoder, double patch) {
            config.encoder = encoder;
            config.knobs = KnobSet(knobsOf("mae", encoder, kImage));
            if (patch > 0)
                config.knobs.set("encoder.patch", patch);
            try {
                makeModel(config, patch > 4 ? ImageShape{8, 8, 3} : kImage);
            } catch (const std::invalid_argument &error) {
                return std::string(error.what());
            }
            return std::string();
        };
        QVERIFY(QString::fromStdString(message("convnet", 0)).contains("choose vit"));
        QVERIFY(QString::fromStdString(message("vit", 8)).contains("a single patch"));
        QVERIFY(message("vit", 4).empty());
    }
};

QTEST_APPLESS_MAIN(TestMae)
#include "tst_mae.moc"
