// The vision transformer: its patches and their places, what it sees where patches are hidden from it, and whom they attend to. Its forward, gradient
// and steps are held against PyTorch's by tst_golden.
#include "core/nn/encoder.h"
#include "core/nn/patchencoder.h"
#include "core/ssl/patchattention.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace pretext;

namespace {

constexpr ImageShape kImage{8, 12, 3};
constexpr int64_t kImages = 3;
constexpr int kPatches = 6; // 2 x 3 of 4 x 4

std::vector<float> noise(uint32_t stream = 0)
{
    Random random(5, stream);
    std::vector<float> pixels(kImages * kImage.height * kImage.width * kImage.channels);
    for (float &pixel : pixels)
        pixel = random.normal();
    return pixels;
}

Variable imagesOf(const std::vector<float> &pixels)
{
    return Variable(Tensor::fromHost(pixels, {kImages, kImage.height, kImage.width, kImage.channels}));
}

std::unique_ptr<Encoder> makeVit(const std::string &readout, const std::string &positions, int patch = 4, ImageShape shape = kImage)
{
    KnobSet knobs(encoderType("vit").knobs());
    knobs.set("encoder.width", 16.0);
    knobs.set("encoder.layers", 2.0);
    knobs.set("encoder.patch", double(patch));
    knobs.set("encoder.readout", readout);
    knobs.set("encoder.positions", positions);
    Random random(2);
    return encoderType("vit").make(knobs, shape, random);
}

std::string messageOf(const std::function<void()> &work)
{
    try {
        work();
    } catch (const std::invalid_argument &error) {
        return error.what();
    }
    return {};
}

double farthest(std::span<const float> a, std::span<const float> b)
{
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(double(a[i]) - b[i]));
    return largest;
}

} // namespace

class TestVit : public QObject
{
    Q_OBJECT

    void bothKinds()
    {
        QTest::addColumn<QString>("readout");
        QTest::addColumn<QString>("positions");
        QTest::newRow("mean of patches, waves") << "mean"
                                                << "sinusoidal";
        QTest::newRow("class token, learned places") << "class"
                                                     << "learned";
    }
    std::unique_ptr<Encoder> current()
    {
        QFETCH(QString, readout);
        QFETCH(QString, positions);
        auto encoder = makeVit(readout.toStdString(), positions.toStdString());
        encoder->setTraining(false);
        return encoder;
    }

private slots:
    void aPatchThatDoesNotFitNamesThoseThatDo()
    {
        const std::string said = messageOf([] { makeVit("mean", "learned", 5, {28, 28, 1}); });
        QCOMPARE(said, std::string("[encoder] encoder.patch is 5, which does not divide images of 28 x 28; sizes that fit: 1, 2, 4, 7, 14 and 28"));
        QVERIFY(messageOf([] { makeVit("mean", "learned", 4, {8, 12, 3}); }).empty());
        QVERIFY(QString::fromStdString(messageOf([] { makeVit("mean", "learned", 8, {8, 12, 3}); })).endsWith("sizes that fit: 1, 2 and 4"));
    }

    void patchesAreCutInTheImagesOrder()
    {
        const PatchGrid grid = patchGrid({4, 6, 2}, 2);
        std::vector<float> pixels(4 * 6 * 2);
        std::iota(pixels.begin(), pixels.end(), 0.f);
        const Variable patches = patchesOf(Variable(Tensor::fromHost(pixels, {1, 4, 6, 2})), grid);
        QCOMPARE(patches.shape(), (Shape{1, 6, 8}));
        const std::vector<float> values = patches.value().toHost();
        const std::vector<float> second(values.begin() + 8, values.begin() + 16), fourth(values.begin() + 24, values.begin() + 32);
        QCOMPARE(second, (std::vector<float>{4, 5, 6, 7, 16, 17, 18, 19}));
        QCOMPARE(fourth, (std::vector<float>{24, 25, 26, 27, 36, 37, 38, 39}));
    }

    void wavesTellEveryPlaceFromEveryOther()
    {
        const PatchGrid grid{7, 5, 4, 1};
        const std::vector<float> table = sinusoidalPositions(grid, 16).toHost();
        std::set<std::vector<float>> places;
        for (int place = 0; place < grid.count(); ++place)
            places.insert({table.begin() + place * 16, table.begin() + (place + 1) * 16});
        QCOMPARE(places.size(), size_t(grid.count()));
        const std::vector<float> rowTwo(table.begin() + (2 * 5 + 3) * 16, table.begin() + (2 * 5 + 3) * 16 + 1); // row 2, column 3
        QVERIFY(std::abs(rowTwo[0] - std::sin(2.f)) < 1e-6f);
        QVERIFY(std::abs(table[(2 * 5 + 3) * 16 + 8] - std::sin(3.f)) < 1e-6f);
        QVERIFY(std::abs(table[(2 * 5 + 3) * 16 + 12] - std::cos(3.f)) < 1e-6f);
        QVERIFY(QString::fromStdString(messageOf([&] { sinusoidalPositions(grid, 10); })).contains("multiple of 4, not 10"));
    }

    void allPatchesKeptIsTheWholeImage_data() { bothKinds(); }
    void allPatchesKeptIsTheWholeImage()
    {
        const auto encoder = current();
        PatchEncoder &vit = patchEncoder(*encoder);
        const NoGrad noGrad;
        const Variable images = imagesOf(noise());
        std::vector<int32_t> kept;
        for (int image = 0; image < kImages; ++image)
            for (int patch = 0; patch < kPatches; ++patch)
                kept.push_back((patch + image) % kPatches); // in another order in each image: places go with their patches
        const std::vector<float> whole = vit.hidden(images).value().toHost(),
                                 parts = vit.hidden(images, keptPatches(kept, kImages, vit.grid())).value().toHost();
        const int before = vit.classTokens(), tokens = before + kPatches, width = vit.dimension();
        for (int image = 0; image < kImages; ++image)
            for (int token = 0; token < tokens; ++token) {
                const int from = token < before ? token : before + (token - before + image) % kPatches;
                const std::span a = std::span(parts).subspan(size_t(image * tokens + token) * width, width),
                                b = std::span(whole).subspan(size_t(image * tokens + from) * width, width);
                QVERIFY2(farthest(a, b) < 1e-5, qPrintable(QString("image %1, token %2: %3").arg(image).arg(token).arg(farthest(a, b))));
            }
    }

    void hiddenPatchesAreNotSeen_data() { bothKinds(); }
    void hiddenPatchesAreNotSeen()
    {
        const auto encoder = current();
        PatchEncoder &vit = patchEncoder(*encoder);
        const NoGrad noGrad;
        const KeptPatches kept = keptPatches(std::vector<int32_t>{0, 5, 1, 3, 4, 2}, kImages, vit.grid());
        std::vector<float> pixels = noise();
        const auto seen = [&] { return vit.hidden(imagesOf(pixels), kept).value(); };
        const Tensor before = seen();
        QCOMPARE(before.shape(), (Shape{kImages, vit.classTokens() + 2, 16}));
        pixels[4 * 3] += 1; // row 0, column 4 of the first image: its patch 1
        QCOMPARE(seen().toHost(), before.toHost());
        pixels[0] += 1; // its patch 0
        const std::vector<float> after = seen().toHost(), first = before.toHost();
        const size_t ofImage = first.size() / kImages;
        QVERIFY(farthest(std::span(after).first(ofImage), std::span(first).first(ofImage)) > 1e-3);
        QCOMPARE(farthest(std::span(after).subspan(ofImage), std::span(first).subspan(ofImage)), 0.);
    }

    void keptPatchesThatCannotBeAreRefused()
    {
        const PatchGrid grid = patchGrid(kImage, 4);
        QVERIFY(QString::fromStdString(messageOf([&] { keptPatches(std::vector<int32_t>{0, 1, 2, 3}, kImages, grid); })).contains("4 kept patches"));
        QVERIFY(QString::fromStdString(messageOf([&] { keptPatches(std::vector<int32_t>{0, 1, 6}, kImages, grid); })).contains("no patch 6"));
        Random random(1);
        const auto mlp = encoderType("mlp").make(KnobSet(encoderType("mlp").knobs()), kImage, random);
        QVERIFY(QString::fromStdString(messageOf([&] { patchEncoder(*mlp); })).contains("choose vit"));
    }

    /// Views of the images' own size have the positions as they are; others have some between them, and so does the gradient.
    void smallerViewsHavePositionsBetween()
    {
        const auto encoder = makeVit("class", "learned", 2);
        Variable positions;
        for (const NamedParameter &parameter : encoder->parameters())
            if (parameter.name == "position_embedding")
                positions = parameter.variable;
        std::vector<float> table;
        for (int place = 0; place < 4 * 6; ++place)
            for (int feature = 0; feature < 16; ++feature)
                table.push_back(feature % 2 ? float(place / 6) : float(place % 6)); // odd features tell the row, even ones the column
        const std::vector<float> half =
            matmul(Variable(positionWeights({4, 6, 2, 3}, {2, 3, 2, 3})), Variable(Tensor::fromHost(table, {24, 16}))).value().toHost();
        for (int place = 0; place < 2 * 3; ++place) {
            QVERIFY(std::abs(half[size_t(place) * 16] - float(2 * (place % 3) + 0.5)) < 0.1f); // the middle of two
            QVERIFY(std::abs(half[size_t(place) * 16 + 1] - float(2 * (place / 3) + 0.5)) < 0.1f);
        }

        std::vector<float> pixels = noise();
        pixels.resize(size_t(2 * 4 * 6 * 3));
        const Variable small(Tensor::fromHost(pixels, {2, 4, 6, 3}));
        std::vector<float> weighed = noise(1);
        weighed.resize(2 * 16);
        const Variable shares(Tensor::fromHost(weighed, {2, 16}));
        const auto loss = [&] { return sum(multiply((*encoder)(small), shares)); }; // a sum of squares is the last norm's, whatever went in
        backward(loss());
        const std::vector<float> gradient = positions.grad().toHost(), weights = positions.value().toHost();
        double slope = 0;
        std::vector<float> moved = weights;
        constexpr float kStep = 1e-3f;
        for (size_t i = 0; i < moved.size(); ++i) {
            moved[i] += kStep * (i % 3 ? 1.f : -1.f);
            slope += double(gradient[i]) * (i % 3 ? 1 : -1);
        }
        const auto at = [&](const std::vector<float> &values) {
            Tensor shared = positions.value();
            shared.setFromHost(values);
            const NoGrad noGrad;
            return double(loss().value().item());
        };
        std::vector<float> back = weights;
        for (size_t i = 0; i < back.size(); ++i)
            back[i] -= moved[i] - weights[i];
        const double measured = (at(moved) - at(back)) / (2 * double(kStep));
        QVERIFY2(std::abs(measured - slope) < 0.02 * std::abs(slope), qPrintable(QString("%1, gradient %2").arg(measured).arg(slope)));
        QVERIFY(QString::fromStdString(messageOf([&] { (*encoder)(Variable(Tensor::full({2, 5, 6, 3}, 0.f))); })).contains("does not divide images of 5 x 6"));
    }

    void attentionIsOfAllPatchesByLayerAndHead_data() { bothKinds(); }
    void attentionIsOfAllPatchesByLayerAndHead()
    {
        const auto encoder = current();
        PatchEncoder &vit = patchEncoder(*encoder);
        std::vector<float> pixels = noise();
        pixels.resize(pixels.size() / kImages);
        const AttentionView view = attentionOf(vit, Variable(Tensor::fromHost(pixels, {1, kImage.height, kImage.width, kImage.channels})));
        const size_t side = size_t(vit.classTokens() + kPatches);
        QCOMPARE(view.pieces.size(), side);
        QCOMPARE(view.pieces.back(), std::string("2, 3"));
        QCOMPARE(view.beforePatches(), vit.classTokens());
        QCOMPARE(view.weights.size(), size_t(2 * 4) * side * side);
        for (size_t row = 0; row < 8 * side; ++row)
            QVERIFY(std::abs(std::accumulate(view.weights.begin() + row * side, view.weights.begin() + (row + 1) * side, 0.) - 1) < 1e-5);
        const std::span all(view.weights);
        QVERIFY2(farthest(all.first(side * side), all.subspan(side * side, side * side)) > 1e-3, "two heads are the same");
        QVERIFY2(farthest(all.first(4 * side * side), all.subspan(4 * side * side)) > 1e-3, "two layers are the same");
    }

    void dropoutActsInTrainingAndIsAFunctionOfItsKey()
    {
        const auto encoder = makeVit("mean", "sinusoidal");
        const Variable images = imagesOf(noise());
        const auto output = [&] { return (*encoder)(images).value().toHost(); };
        const std::vector<float> plain = output();
        encoder->setDropout({0.3f, {1, 7, 0}});
        const std::vector<float> dropped = output();
        QVERIFY(farthest(dropped, plain) > 1e-2);
        QCOMPARE(output(), dropped);
        encoder->setDropout({0.3f, {1, 8, 0}});
        QVERIFY(farthest(output(), dropped) > 1e-2);
        encoder->setTraining(false);
        QCOMPARE(output(), plain);
    }
};

QTEST_APPLESS_MAIN(TestVit)
#include "tst_vit.moc"
