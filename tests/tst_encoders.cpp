// Every encoder of the table: shapes, gradients, seeds, evaluation mode, odd sizes. A new encoder is tested by being in encoders.def.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/nn/encoder.h"
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
            for (double pool : {1.0, 2.0}) {
                for (double dimension : {0.0, 10.0}) {
                    KnobSet knobs = smallKnobs(current());
                    setIfThere(knobs, "encoder.dimension", dimension);
                    setIfThere(knobs, "encoder.pool", pool);
                    setIfThere(knobs, "encoder.stem_stride", pool); // 1 and 2 as well
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
