// Every encoder of the table: shapes, gradients, seeds, evaluation mode, odd sizes. A new encoder is tested by being in encoders.def.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/nn/encoder.h"
#include "core/nn/whitening.h"
#include "core/system/threads.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace pretext;

namespace {

constexpr int64_t kImages = 4;

Tensor randomImages(ImageShape shape, uint32_t stream = 0)
{
    Random random(7, stream);
    std::vector<float> pixels(kImages * shape.height * shape.width * shape.channels);
    for (float &pixel : pixels)
        pixel = random.normal();
    return Tensor::fromHost(pixels, {kImages, shape.height, shape.width, shape.channels});
}

/// Narrow, so that the test takes no time.
KnobSet smallKnobs(const EncoderType &type)
{
    KnobSet knobs(type.knobs());
    knobs.set("encoder.width", 8.0);
    if (knobs.find("encoder.patch"))
        knobs.set("encoder.patch", 1.0); // which divides every image
    return knobs;
}

void setIfThere(KnobSet &knobs, const std::string &name, double value)
{
    if (knobs.find(name))
        knobs.set(name, value);
}

std::unique_ptr<Encoder> makeEncoder(const EncoderType &type, const KnobSet &knobs, ImageShape shape, uint64_t seed = 1)
{
    Random random(seed);
    return type.make(knobs, shape, random);
}

bool allFinite(const std::vector<float> &values)
{
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

float largest(const std::vector<float> &values)
{
    float result = 0;
    for (float value : values)
        result = std::max(result, std::abs(value));
    return result;
}

/// A scalar that weighs each output differently, so that no gradient cancels under batch norm.
Variable weighedSum(const Variable &y)
{
    Random random(3);
    std::vector<float> target(y.value().size());
    for (float &value : target)
        value = random.normal();
    return meanSquaredError(y, Variable(Tensor::fromHost(target, y.shape())));
}

} // namespace

class TestEncoders : public QObject
{
    Q_OBJECT

    void everyEncoder()
    {
        QTest::addColumn<QString>("name");
        for (const EncoderType &type : encoderTypes())
            if (type.modality == Modality::image) // of text: tst_transformer and tst_methods
                QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
    }
    const EncoderType &current()
    {
        QFETCH(QString, name);
        return encoderType(name.toStdString());
    }

private slots:
    void initTestCase() { setThreads(1); } // a team costs more than such small tensors give it to do

    void anUnknownNameSuggestsTheNearest()
    {
        try {
            encoderType("ResNett");
            QFAIL("an unknown encoder was found");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("did you mean \"resnet\""), error.what());
        }
    }

    void declaresItself_data() { everyEncoder(); }
    void declaresItself()
    {
        QVERIFY(!current().help.empty());
        for (const Knob &knob : current().knobs()) {
            QVERIFY2(knob.name.starts_with("encoder."), knob.name.c_str());
            QVERIFY2(knob.effect == KnobEffect::restart || knob.name == "encoder.dropout", knob.name.c_str());
            QVERIFY2(knob.help.size() > 20, knob.name.c_str());
        }
    }

    void shapesAreAsPromised_data() { everyEncoder(); }
    void shapesAreAsPromised()
    {
        for (ImageShape shape : {ImageShape{28, 28, 1}, ImageShape{32, 32, 3}, ImageShape{17, 23, 3}, ImageShape{5, 4, 1}}) {
            for (double pool : {1.0, 2.0, 3.0}) {
                for (double dimension : {0.0, 10.0}) {
                    KnobSet knobs = smallKnobs(current());
                    setIfThere(knobs, "encoder.dimension", dimension);
                    setIfThere(knobs, "encoder.pool", pool);
                    setIfThere(knobs, "encoder.stem_stride", std::min(pool, 2.0)); // 1 and 2 as well
                    if (knobs.find("encoder.readout"))
                        knobs.set("encoder.readout", std::string(pool > 1 ? "class" : "mean"));
                    if (knobs.find("encoder.positions"))
                        knobs.set("encoder.positions", std::string(dimension > 0 ? "learned" : "sinusoidal"));
                    auto encoder = makeEncoder(current(), knobs, shape);
                    const Variable y = (*encoder)(Variable(randomImages(shape)));
                    QCOMPARE(y.shape(), (Shape{kImages, encoder->dimension()}));
                    QVERIFY(allFinite(y.value().toHost()));
                    QVERIFY2(dimension == 0 || !knobs.find("encoder.dimension") || encoder->dimension() == 10, "the wished dimension was not kept");
                }
            }
        }
    }

    /// Smaller and larger ones, and a grid of features that the other map has to be cut into otherwise.
    void otherSizesAreEmbeddedWhereItSaysSo_data() { everyEncoder(); }
    void otherSizesAreEmbeddedWhereItSaysSo()
    {
        if (!current().anySize)
            return;
        for (const ImageShape shape : {ImageShape{28, 28, 1}, ImageShape{17, 23, 3}})
            for (const double pool : {1., 2., 4.}) {
                KnobSet knobs = smallKnobs(current());
                knobs.set("encoder.pool", pool);
                knobs.set("encoder.read", pool == 4 ? 2. : 1.);
                const auto encoder = makeEncoder(current(), knobs, shape);
                for (const double factor : {0.5, 0.8, 1.5}) {
                    const ImageShape other{int(factor * shape.height), int(factor * shape.width), shape.channels};
                    const Variable y = (*encoder)(Variable(randomImages(other)));
                    QCOMPARE(y.shape(), (Shape{kImages, encoder->dimension()}));
                    QVERIFY(allFinite(y.value().toHost()) && largest(y.value().toHost()) > 0);
                }
            }
        KnobSet knobs = smallKnobs(current()); // a map of one place, which then stands in every cell
        knobs.set("encoder.pool", 2.0);
        const auto encoder = makeEncoder(current(), knobs, {28, 28, 1});
        const Variable y = (*encoder)(Variable(randomImages({3, 3, 1})));
        QCOMPARE(y.shape(), (Shape{kImages, encoder->dimension()}));
        const std::vector<float> row = y.value().toHost();
        const size_t channels = size_t(encoder->dimension()) / 4;
        for (size_t i = channels; i < size_t(encoder->dimension()); ++i)
            QCOMPARE(row[i], row[i - channels]);
    }

    /// The last stage's features stand first, as they are alone; those of the stage before follow.
    void stagesAreReadBesideEachOther()
    {
        for (const char *name : {"convnet", "resnet"}) {
            KnobSet knobs = smallKnobs(encoderType(name));
            knobs.set("encoder.pool", 2.);
            const auto alone = makeEncoder(encoderType(name), knobs, {28, 28, 1});
            knobs.set("encoder.read", 2.);
            const auto both = makeEncoder(encoderType(name), knobs, {28, 28, 1});
            QVERIFY(both->dimension() > alone->dimension());
            const Variable images(randomImages({28, 28, 1}));
            alone->setTraining(false);
            both->setTraining(false);
            const std::vector<float> one = (*alone)(images).value().toHost(), two = (*both)(images).value().toHost();
            for (int64_t image = 0; image < kImages; ++image)
                for (int i = 0; i < alone->dimension(); ++i)
                    QCOMPARE(two[size_t(image * both->dimension() + i)], one[size_t(image * alone->dimension() + i)]);
        }
    }

    void theGradientReachesEveryParameter_data() { everyEncoder(); }
    void theGradientReachesEveryParameter()
    {
        const ImageShape shape{17, 23, 3};
        KnobSet knobs = smallKnobs(current());
        setIfThere(knobs, "encoder.depth", 2.0);
        if (knobs.find("encoder.readout")) {
            knobs.set("encoder.readout", std::string("class"));
            knobs.set("encoder.positions", std::string("learned"));
        }
        auto encoder = makeEncoder(current(), knobs, shape);
        backward(weighedSum((*encoder)(Variable(randomImages(shape)))));
        QVERIFY(!encoder->parameters().empty());
        for (const NamedParameter &parameter : encoder->parameters()) {
            QVERIFY2(parameter.variable.grad().defined(), parameter.name.c_str());
            const std::vector<float> gradient = parameter.variable.grad().toHost();
            QVERIFY2(allFinite(gradient) && largest(gradient) > 0, parameter.name.c_str());
        }
    }

    void theSameSeedGivesTheSameWeights_data() { everyEncoder(); }
    void theSameSeedGivesTheSameWeights()
    {
        const ImageShape shape{28, 28, 1};
        auto a = makeEncoder(current(), smallKnobs(current()), shape, 5), b = makeEncoder(current(), smallKnobs(current()), shape, 5);
        auto other = makeEncoder(current(), smallKnobs(current()), shape, 6);
        bool differs = false;
        for (size_t i = 0; i < a->parameters().size(); ++i) {
            const auto weights = a->parameters()[i].variable.value().toHost();
            QCOMPARE(weights, b->parameters()[i].variable.value().toHost());
            differs = differs || weights != other->parameters()[i].variable.value().toHost();
        }
        QVERIFY2(differs, "another seed gave the same weights");
    }

    void evaluationIsDeterministicAndTouchesNothing_data() { everyEncoder(); }
    void evaluationIsDeterministicAndTouchesNothing()
    {
        const ImageShape shape{28, 28, 1};
        auto encoder = makeEncoder(current(), smallKnobs(current()), shape);
        (*encoder)(Variable(randomImages(shape)));
        encoder->setTraining(false);
        std::vector<std::vector<float>> before;
        for (const NamedTensor &buffer : encoder->buffers())
            before.push_back(buffer.tensor.toHost());

        NoGrad noGrad;
        const auto first = (*encoder)(Variable(randomImages(shape))).value().toHost();
        (*encoder)(Variable(randomImages(shape, 1)));
        QCOMPARE((*encoder)(Variable(randomImages(shape))).value().toHost(), first);
        for (size_t i = 0; i < before.size(); ++i)
            QCOMPARE(encoder->buffers()[i].tensor.toHost(), before[i]);
    }

    void trainingMovesTheStatistics_data() { everyEncoder(); }
    void trainingMovesTheStatistics()
    {
        const ImageShape shape{28, 28, 1};
        auto encoder = makeEncoder(current(), smallKnobs(current()), shape);
        std::vector<std::vector<float>> before;
        for (const NamedTensor &buffer : encoder->buffers())
            before.push_back(buffer.tensor.toHost());
        (*encoder)(Variable(randomImages(shape)));
        for (size_t i = 0; i < before.size(); ++i)
            QVERIFY2(encoder->buffers()[i].tensor.toHost() != before[i], encoder->buffers()[i].name.c_str());
    }

    void namesAreUniqueAndBiasesDoNotDecay_data() { everyEncoder(); }
    void namesAreUniqueAndBiasesDoNotDecay()
    {
        auto encoder = makeEncoder(current(), smallKnobs(current()), {28, 28, 1});
        std::set<std::string> names;
        int64_t count = 0;
        for (const NamedParameter &parameter : encoder->parameters()) {
            QVERIFY2(names.insert(parameter.name).second, parameter.name.c_str());
            QCOMPARE(parameter.decay, parameter.variable.shape().rank() > 1);
            count += parameter.variable.value().size();
        }
        QCOMPARE(encoder->parameterCount(), count);
    }

    void whiteningMakesAllDirectionsAlike()
    {
        constexpr int64_t n = 400, d = 5;
        Random random(2);
        std::vector<float> rows;
        for (int64_t i = 0; i < n; ++i) { // a feature that all others follow, and one of a hundredth of its size
            const float common = 3 * random.normal();
            for (int64_t j = 0; j < d; ++j)
                rows.push_back(2 + (j == 4 ? 0.03f : 1.f) * (common + random.normal()));
        }
        const Variable x(Tensor::fromHost(rows, {n, d}));
        Whitening whitening(d);
        const auto cosines = [](const Variable &z) { return matmul(normalize(z), normalize(z), false, true).value().toHost(); };
        const std::vector<float> before = cosines(x), unlearned = cosines(whitening(x));
        for (size_t i = 0; i < before.size(); i += 101)
            QVERIFY(std::abs(before[i] - unlearned[i]) < 1e-4);

        whitening.follow(x.value());
        const Variable y = whitening(x), centred = subtract(y, mean(y, 0));
        const std::vector<float> covariance = scale(matmul(centred, centred, true, false), 1.f / (n - 1)).value().toHost(), means = mean(y, 0).value().toHost();
        for (int64_t i = 0; i < d; ++i) {
            QVERIFY(std::abs(means[size_t(i)]) < 1e-3);
            for (int64_t j = 0; j < d; ++j) { // the features' correlations are 0.9, and a direction of them with a variance of 0.1 gets a half
                const float value = covariance[size_t(i * d + j)];
                QVERIFY2(i == j ? value > 0.4f && value < 1 : std::abs(value) < 0.2f, qPrintable(QString("%1 %2: %3").arg(i).arg(j).arg(double(value))));
            }
        }
        const std::vector<float> still = whitening.map()(x).value().toHost();
        whitening.follow(scale(x, 2).value()); // the second of eight, which is passed over
        QCOMPARE(whitening(x).value().toHost(), still);
    }

    void whiteningFollowsTrainingAndOnlyReadoutsHaveIt()
    {
        for (const char *name : {"convnet", "resnet"}) {
            KnobSet knobs = smallKnobs(encoderType(name));
            auto plain = makeEncoder(encoderType(name), knobs, {17, 23, 3});
            QVERIFY(!plain->whitening());
            knobs.set("encoder.whiten", true);
            auto encoder = makeEncoder(encoderType(name), knobs, {17, 23, 3});
            const Variable x(randomImages({17, 23, 3}));
            QCOMPARE((*encoder)(x).value().toHost(), (*plain)(x).value().toHost()); // no weight is drawn for it, and training does not see it
            const auto moved = [&] {
                for (const NamedTensor &buffer : encoder->buffers())
                    if (buffer.name == "whitening.count")
                        return buffer.tensor.toHost()[0];
                return -1.f;
            };
            QCOMPARE(moved(), 1.f);
            {
                const NoGrad noGrad;
                (*encoder)(x);
            }
            QCOMPARE(moved(), 1.f); // a teacher's forward
            Readout readout(*encoder);
            QVERIFY(!encoder->training());
            const std::vector<float> read = readout(x).value().toHost(), as = (*encoder->whitening())((*encoder)(x)).value().toHost();
            QCOMPARE(read, as);
            QVERIFY(read != (*encoder)(x).value().toHost());
            QCOMPARE(moved(), 1.f);
        }
    }

    void theProjectorHasItsDepth()
    {
        for (int depth : {1, 2, 3}) {
            Random random(1);
            auto projector = makeProjector(12, 16, 6, depth, random);
            const Variable y = (*projector)(Variable(Tensor::fromHost(std::vector<float>(4 * 12, 0.5f), {4, 12})));
            QCOMPARE(y.shape(), (Shape{4, 6}));
            QCOMPARE(projector->buffers().size(), size_t(2 * (depth - 1)));
        }
        Random random(1);
        QVERIFY_EXCEPTION_THROWN(makeProjector(12, 16, 6, 0, random), std::invalid_argument);
    }
};

QTEST_APPLESS_MAIN(TestEncoders)
#include "tst_encoders.moc"
