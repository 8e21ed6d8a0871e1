// Every method of the table with every encoder: a finite loss whose gradient reaches all that is trained, a loss that falls, equal seeds
// giving equal numbers, a checkpoint that continues bit for bit. A new method is tested by being in methods.def.
#include "core/analysis/modalityanalysis.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/data/longtailed.h"
#include "core/data/modalitytype.h"
#include "core/data/preparedimages.h"
#include "core/data/tokens/preparedtext.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/permutations.h"
#include "core/ssl/queue.h"
#include "core/system/threads.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <functional>
#include <numeric>
#include <set>

using namespace pretext;

namespace {

/// Keeps the scalars; makes every heavy channel where that is asked for.
class Channels : public Recorder
{
public:
    explicit Channels(bool wanted) : m_wanted(wanted) {}
    void scalar(const std::string &channel, double value) override { scalars[channel] = value; }
    void heavy(const std::string &channel, std::function<Shown()> make) override
    {
        if (m_wanted)
            values[channel] = make().now();
    }
    std::map<std::string, double> scalars;
    std::map<std::string, ChannelValue> values;

private:
    bool m_wanted;
};

/// Images in which no two pixels are alike by design: no channel of a small network is nearly constant on them, where a norm makes the loss so steep
/// that its slope holds for no distance that rounding leaves to be measured.
class NoiseImages : public ToyData
{
public:
    Image image(Split, int64_t index) const override
    {
        Random random(11, static_cast<uint32_t>(index));
        Image image{kSide, kSide, 1, std::vector<uint8_t>(kSide * kSide)};
        for (uint8_t &pixel : image.pixels)
            pixel = static_cast<uint8_t>(random.below(256));
        return image;
    }
    Image next(Split split, int64_t index) const override { return image(split, index + kTrain); } // for methods that foretell it
};

/// Each pixel says where it lies: 15 x 15, row by row.
class Places : public ToyData
{
public:
    static constexpr int kAlong = 15;
    Places()
    {
        m_info.image = {kAlong, kAlong, 1};
        m_info.mean = {0.f};
        m_info.deviation = {1.f};
    }
    Image image(Split, int64_t) const override
    {
        Image image{kAlong, kAlong, 1, std::vector<uint8_t>(kAlong * kAlong)};
        std::iota(image.pixels.begin(), image.pixels.end(), uint8_t(0));
        return image;
    }
};

/// A model on toy data that a test steps by hand, without a trainer.
class Bench
{
public:
    explicit Bench(const std::string &method, const std::string &encoder, uint64_t seed = 1, bool wanted = false, std::shared_ptr<const Dataset> images = {},
                   const std::vector<std::pair<std::string, KnobValue>> &set = {})
        : channels(wanted)
    {
        const MethodType &type = methodType(method);
        if (trainsOn(type, Modality::text)) {
            m_data = std::make_shared<ToyText>();
            m_text = toyTokens();
        } else {
            m_data = images ? images : toyImagesFor(method);
        }
        config = toyConfig(0, method, encoder);
        config.seed = seed;
        config.knobs.set("learning_rate", 3e-3);
        for (const auto &[name, value] : set)
            config.knobs.set(name, value);
        model = makeModel(config, input());
        LoaderOptions options;
        options.batchSize = static_cast<int>(config.batch);
        options.views = type.views;
        options.seed = seed;
        options.ahead = 0;
        options.maker = makerOf(type, input().modality);
        options.split = m_text;
        m_loader = std::make_unique<Loader>(m_data, config.knobs, options);
    }

    /// What a checkpoint says of the data.
    void describe(CheckpointState &state) const { state.prepared = prepared(); }

    std::shared_ptr<const Prepared> prepared() const { return m_text ? preparedText(m_text->sharedTokenizer()) : preparedImages(m_data->info()); }
    InputShape input() const { return prepared()->input(); }

    /// The loss of batch `step`, with gradients.
    float gradients(int64_t step)
    {
        const auto batch = m_loader->next(step, {});
        for (NamedParameter &parameter : parametersOf(model))
            parameter.variable.clearGrad();
        const Variable loss = model.method->loss(*model.encoder, stepInput(*batch, config, step, m_text.get(), channels));
        backward(loss);
        return loss.value().item();
    }
    /// The same loss again, without gradients.
    double value(int64_t step)
    {
        const NoGrad noGrad;
        const auto batch = m_loader->next(step, {});
        return model.method->loss(*model.encoder, stepInput(*batch, config, step, m_text.get(), channels)).value().item();
    }
    float step(int64_t step)
    {
        const float loss = gradients(step);
        model.optimizer->step(static_cast<float>(config.knobs.real("learning_rate")));
        finishStep(model, config, step + 1);
        return loss;
    }
    std::vector<float> steps(int64_t first, int64_t count)
    {
        std::vector<float> losses;
        for (int64_t i = first; i < first + count; ++i)
            losses.push_back(step(i));
        return losses;
    }

    RunConfig config;
    Model model;
    Channels channels;

private:
    std::shared_ptr<const Dataset> m_data;
    std::shared_ptr<const TokenizedText> m_text;
    std::unique_ptr<Loader> m_loader;
};

/// Slopes of a loss along directions in the space of all parameters, which lean to the gradient, so that there is a slope to measure.
class Slopes
{
public:
    explicit Slopes(const Model &model) : m_parameters(parametersOf(model))
    {
        for (const NamedParameter &parameter : m_parameters) {
            m_values.push_back(parameter.variable.value().toHost());
            m_gradients.push_back(parameter.variable.grad().toHost());
            for (const float value : m_gradients.back())
                m_squares += double(value) * value;
        }
    }

    /// What the gradient says.
    double said(uint32_t direction) const
    {
        double sum = 0;
        for (size_t p = 0; p < m_gradients.size(); ++p) {
            const std::vector<float> along = directionOf(direction, p);
            for (size_t i = 0; i < along.size(); ++i)
                sum += double(m_gradients[p][i]) * along[i];
        }
        return sum;
    }
    /// By central differences of the loss over `distance`, as long a way as all parameters go together.
    double measured(uint32_t direction, double distance, const std::function<double()> &loss) const
    {
        const double slope = (at(direction, distance, loss) - at(direction, -distance, loss)) / (2 * distance);
        at(direction, 0, loss);
        return slope;
    }

private:
    double at(uint32_t direction, double distance, const std::function<double()> &loss) const
    {
        for (size_t p = 0; p < m_parameters.size(); ++p) {
            std::vector<float> moved = directionOf(direction, p);
            for (size_t i = 0; i < moved.size(); ++i)
                moved[i] = float(m_values[p][i] + distance * moved[i]);
            Tensor value = m_parameters[p].variable.value();
            value.setFromHost(moved);
        }
        return loss();
    }
    /// Of about unit length: the gradient, each element times a number drawn between 0 and 2.
    std::vector<float> directionOf(uint32_t direction, size_t p) const
    {
        Random random(direction, uint32_t(p));
        std::vector<float> along = m_gradients[p];
        for (float &value : along)
            value *= random.uniform(0, 2) / float(std::sqrt(m_squares));
        return along;
    }

    std::vector<NamedParameter> m_parameters;
    std::vector<std::vector<float>> m_values, m_gradients;
    double m_squares = 0;
};

/// The mean deviation of the dimensions of held-out samples' projections, of unit rows and in evaluation mode, times the root of their number: 1 where they
/// are spread evenly, 0 where all are one point. VICReg's projections are compared as they are; their deviation is to be 1.
double heldOutSpread(const Bench &bench, const Dataset &data)
{
    const bool unit = bench.config.method != "vicreg";
    const NoGrad noGrad;
    setTraining(bench.model, false);
    const std::shared_ptr<const Prepared> prepared = bench.prepared();
    const Matrix h = modalityType(prepared->modality()).analysis->embed(*bench.model.encoder, *prepared, data, Split::test, data.size(Split::test), {});
    const Variable projected = bench.model.method->heads()(Variable(Tensor::fromHost(h.values, {h.rows, h.columns}))),
                   z = unit ? normalize(projected) : projected;
    setTraining(bench.model, true);
    const std::vector<float> rows = z.value().toHost();
    const size_t count = size_t(h.rows), dimension = rows.size() / count;
    double deviations = 0;
    for (size_t d = 0; d < dimension; ++d) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < count; ++i) {
            sum += rows[i * dimension + d];
            squares += double(rows[i * dimension + d]) * rows[i * dimension + d];
        }
        deviations += std::sqrt(std::max(0., squares / double(count) - sum * sum / double(count * count)));
    }
    return deviations / (unit ? std::sqrt(double(dimension)) : double(dimension));
}

std::string anEncoderFor(const std::string &method)
{
    for (const char *name : {"convnet", "transformer", "vit"})
        if (suits(methodType(method), encoderType(name)))
            return name;
    return {};
}

double mean(std::span<const float> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

class TestMethods : public QObject
{
    Q_OBJECT

    void everyMethod()
    {
        QTest::addColumn<QString>("method");
        for (const MethodType &type : methodTypes())
            QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
    }
    void everyMethodAndEncoder()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("encoder");
        for (const MethodType &type : methodTypes())
            for (const EncoderType &encoder : encoderTypes())
                if (suits(type, encoder))
                    QTest::newRow((type.name + " " + encoder.name).c_str()) << QString::fromStdString(type.name) << QString::fromStdString(encoder.name);
    }

private slots:
    void theRecipeSuitsTheData_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("side");
        QTest::addColumn<int>("channels");
        QTest::addColumn<QString>("classes");
        QTest::addColumn<QString>("knobs"); // flip, grey, stem stride
        QTest::newRow("fashion-mnist stays") << "fashion-mnist" << 28 << 1 << "Shirt,Coat"
                                             << "false,-,2";
        QTest::newRow("shapes stays") << "shapes" << 32 << 3 << "circle,square"
                                      << "false,false,2";
        QTest::newRow("photographs") << "/photos" << 32 << 3 << "cat,dog"
                                     << "true,true,2";
        QTest::newRow("small grey ones") << "/icons" << 16 << 1 << "cat,dog"
                                         << "true,-,1";
        QTest::newRow("as small as that a stride shows") << "/icons" << 27 << 1 << "cat,dog"
                                                         << "true,-,1";
        QTest::newRow("no smaller") << "/icons" << 28 << 1 << "cat,dog"
                                    << "true,-,2";
        QTest::newRow("digits") << "/mnist" << 28 << 1 << "0,1,2,3,4,5,6,7,8,9"
                                << "false,-,2";
        QTest::newRow("letters") << "/letters" << 32 << 3 << "a,b,c,d,e,f,g,h"
                                 << "false,true,2";
        QTest::newRow("letters of another script") << "/letters" << 32 << 3 << QString::fromUtf8("а,б,в,г,д,е,ж,з") << "false,true,2";
        QTest::newRow("two that are numbered") << "/pets" << 32 << 3 << "0,1"
                                               << "true,true,2";
        QTest::newRow("two that are lettered") << "/pets" << 32 << 3 << "a,b"
                                               << "true,true,2";
        QTest::newRow("many, of which one is a word") << "/signs" << 32 << 3 << "1,2,3,4,5,6,7,8,stop"
                                                      << "true,true,2";
    }
    void theRecipeSuitsTheData()
    {
        QFETCH(QString, name);
        QFETCH(int, side);
        QFETCH(int, channels);
        QFETCH(QString, classes);
        QFETCH(QString, knobs);
        DatasetInfo info;
        info.name = name.toStdString();
        info.image = {side, side, channels};
        info.columns = {{"label", {}}};
        for (const QString &one : classes.split(','))
            info.columns.front().classes.push_back(one.toStdString());
        KnobSet set(knobsOf("simclr", "convnet", info.image));
        for (const auto &[knob, value] : methodType("simclr").recipe(info).knobs)
            if (set.find(knob))
                set.set(knob, value);
        const QString found = QString("%1,%2,%3")
                                  .arg(set.boolean("flip") ? "true" : "false")
                                  .arg(!set.find("grey")     ? "-"
                                       : set.boolean("grey") ? "true"
                                                             : "false")
                                  .arg(set.integer("encoder.stem_stride"));
        QCOMPARE(found, knobs);
    }

    /// A folder of grey pictures is read as colour: what would take the colour away does nothing.
    void greyPicturesAreNotMadeGrey()
    {
        DatasetInfo info;
        info.name = "/grey";
        info.image = {32, 32, 3};
        const auto sets = [&] {
            const std::vector<std::pair<std::string, KnobValue>> knobs = methodType("simclr").recipe(info).knobs;
            return std::ranges::find(knobs, std::pair<std::string, KnobValue>{"grey", true}) != knobs.end();
        };
        info.mean = {0.3f, 0.3f, 0.3f};
        info.deviation = {0.2f, 0.2f, 0.2f};
        QVERIFY(!sets());
        info.deviation[1] = 0.21f;
        QVERIFY(sets());
    }

    void initTestCase() { setThreads(1); } // a team costs more than such small tensors give it to do

    void anUnknownNameSuggestsTheNearest()
    {
        try {
            methodType("simclear");
            QFAIL("an unknown method was found");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("did you mean simclr"), error.what());
        }
    }

    void declaresItself_data() { everyMethod(); }
    void declaresItself()
    {
        QFETCH(QString, method);
        const MethodType &type = methodType(method.toStdString());
        QVERIFY(!type.title.empty() && !type.help.empty() && viewCount(type.views(KnobSet(type.knobs({})))) >= 1);
        for (const Knob &knob : type.knobs({}))
            QVERIFY2(knob.help.size() > 20, knob.name.c_str());
        KnobSet knobs(type.knobs({})); // throws on a default out of range, or a name declared twice
    }

    void knobsOfAPairDoNotCollide_data() { everyMethodAndEncoder(); }
    void knobsOfAPairDoNotCollide()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const KnobSet knobs(knobsOf(method.toStdString(), encoder.toStdString(), {32, 32, 3}));
        QVERIFY(knobs.find("learning_rate"));
    }

    void theGradientReachesEveryParameter_data() { everyMethodAndEncoder(); }
    void theGradientReachesEveryParameter()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        Bench bench(method.toStdString(), encoder.toStdString());
        QVERIFY(std::isfinite(bench.gradients(0)));
        for (const auto &[channel, value] : bench.channels.scalars)
            QVERIFY2(std::isfinite(value), channel.c_str());
        std::set<std::string> names;
        for (const NamedParameter &parameter : parametersOf(bench.model)) {
            QVERIFY2(names.insert(parameter.name).second, parameter.name.c_str());
            QVERIFY2(parameter.variable.grad().defined(), parameter.name.c_str());
            float largest = 0;
            for (float value : parameter.variable.grad().toHost()) {
                QVERIFY2(std::isfinite(value), parameter.name.c_str());
                largest = std::max(largest, std::abs(value));
            }
            QVERIFY2(largest > 1e-6f, parameter.name.c_str()); // less is the rounding of a gradient that is zero
        }
        for (const NamedParameter &parameter : followersOf(bench.model)) {
            QVERIFY2(names.insert(parameter.name).second, parameter.name.c_str());
            QVERIFY2(!parameter.variable.grad().defined(), parameter.name.c_str());
        }
    }

    /// Of what is switched off: it gets none, and is trained on when it is switched on again.
    void aPredictorThatIsOffGetsNoGradient_data()
    {
        QTest::addColumn<QString>("method");
        for (const MethodType &type : methodTypes())
            if (KnobSet(type.knobs({})).find("predictor"))
                QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
    }
    void aPredictorThatIsOffGetsNoGradient()
    {
        QFETCH(QString, method);
        Bench bench(method.toStdString(), anEncoderFor(method.toStdString()));
        for (const bool on : {false, true}) {
            bench.config.knobs.set("predictor", on);
            bench.gradients(on);
            for (const NamedParameter &parameter : parametersOf(bench.model))
                QCOMPARE(parameter.variable.grad().defined(), on || !parameter.name.starts_with("predictor."));
        }
    }

    /// The loss as a whole against its gradient, along directions that lean to it; and with an error of one hundredth planted in the gradient.
    void theGradientIsTheLossesSlope_data() { everyMethod(); }
    void theGradientIsTheLossesSlope()
    {
        QFETCH(QString, method);
        if (method == "swav")
            QSKIP("its targets are made of its own scores, through which no gradient flows on purpose; tst_golden has PyTorch's");
        Bench bench(method.toStdString(), anEncoderFor(method.toStdString()), 1, false, std::make_shared<NoiseImages>());
        if (bench.config.knobs.find("stop_gradient"))
            bench.config.knobs.set("stop_gradient", false); // with it on the gradient is another than the slope, on purpose
        bench.gradients(0);
        const Slopes slopes(bench.model);
        constexpr double kTolerance = 0.004; // rounding, and what a ReLU turns on the way
        for (uint32_t direction = 0; direction < 4; ++direction) {
            const double said = slopes.said(direction);
            const double measured = slopes.measured(direction, 1e-4, [&] { return bench.value(0); });
            const QByteArray numbers = QByteArray::number(measured) + " measured, the gradient says " + QByteArray::number(said);
            QVERIFY2(std::abs(measured - said) < kTolerance * std::abs(said), numbers.constData());
            QVERIFY2(std::abs(measured - 1.01 * said) > kTolerance * std::abs(said), numbers.constData()); // the planted error is found
        }
    }

    /// The demonstration of SimSiam and BYOL: nothing is pushed apart, and what keeps the embeddings apart can be switched off.
    void withoutStopGradientOrPredictorItCollapses_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("simsiam") << "simsiam";
        QTest::newRow("byol") << "byol";
    }
    void withoutStopGradientOrPredictorItCollapses()
    {
        QFETCH(QString, method);
        const auto spread = [&](bool stopGradient, bool predictor) {
            Bench bench(method.toStdString(), "convnet");
            bench.config.knobs.set("stop_gradient", stopGradient);
            bench.config.knobs.set("predictor", predictor);
            bench.steps(0, 150);
            return bench.channels.scalars.at("embedding/std") * std::sqrt(bench.config.knobs.real("projector.dimension"));
        };
        const double whole = spread(true, true), moving = spread(false, true), alone = spread(true, false);
        const QByteArray numbers =
            QByteArray::number(whole) + ", without stop-gradient " + QByteArray::number(moving) + ", without predictor " + QByteArray::number(alone);
        QVERIFY2(whole > 0.4, numbers.constData()); // 1 where the embeddings are spread evenly
        QVERIFY2(moving < 0.1, numbers.constData());
        QVERIFY2(alone < 0.5 * whole, numbers.constData());
    }

    void twoViewsInPairsAreSimClr()
    {
        const std::vector<std::pair<std::string, KnobValue>> set{{"temperature", 0.1}};
        Bench simclr("simclr", "convnet", 1, false, {}, set), two("multiview", "convnet", 1, false, {}, {{"temperature", 0.1}, {"views", 2.0}});
        QCOMPARE(two.steps(0, 20), simclr.steps(0, 20));
        QCOMPARE(two.channels.scalars, simclr.channels.scalars);
    }

    /// What Similarity and Histogram show of several views: rows of probabilities, among what the loss compares.
    void severalViewsHaveTheirShares_data()
    {
        QTest::addColumn<QString>("positives");
        QTest::newRow("pairs") << "pairs";
        QTest::newRow("pooled") << "pooled";
    }
    void severalViewsHaveTheirShares()
    {
        QFETCH(QString, positives);
        Bench bench("multiview", "convnet", 1, true, {}, {{"views", 3.0}, {"positives", positives.toStdString()}});
        bench.gradients(0);
        const auto matrix = [&](const char *channel) { return std::get<Matrix>(bench.channels.values.at(channel)); };
        const Matrix softmax = matrix("similarity/softmax"), share = matrix("similarity/gradient");
        const int64_t n = bench.config.batch, rows = 3 * n;
        QCOMPARE(matrix("embeddings").rows, rows);
        QVERIFY(matrix("similarity").rows == rows && softmax.rows == rows && share.rows == rows);
        double loss = 0;
        for (int64_t i = 0; i < rows; ++i) {
            double all = 0, negatives = 0, own = 0;
            for (int64_t j = 0; j < rows; ++j) {
                const bool compared = positives == "pairs" ? i != j : i / n != j / n, negative = compared && i % n != j % n;
                QCOMPARE(std::isnan(softmax.at(i, j)), !compared);
                QCOMPARE(std::isnan(share.at(i, j)), !negative);
                all += compared ? softmax.at(i, j) : 0;
                negatives += negative ? share.at(i, j) : 0;
                own += compared && i % n == j % n ? softmax.at(i, j) : 0;
            }
            QVERIFY(std::abs(all - 1) < 1e-4 && std::abs(negatives - 1) < 1e-4);
            loss -= std::log(own) / double(rows);
        }
        if (positives == "pooled") // whose own share is the pool's
            QVERIFY(std::abs(bench.value(0) - loss) < 1e-3 * loss);
    }

    /// Crops are foretold from, and give no targets: with them on, weights, teacher and centre go on as a checkpoint has them.
    void smallCropsAreTrainedOn_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("encoder");
        for (const MethodType &type : methodTypes())
            for (const char *encoder : {"convnet", "vit"})
                if (KnobSet(type.knobs({})).find("small_crops"))
                    QTest::newRow((type.name + " " + encoder).c_str()) << QString::fromStdString(type.name) << QString(encoder);
    }
    void smallCropsAreTrainedOn()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const std::string name = method.toStdString();
        const auto fresh = [&](double crops) { return Bench(name, encoder.toStdString(), 1, true, {}, {{"small_crops", crops}, {"small_crops.size", 4.0}}); };
        Bench bench = fresh(3), without = fresh(0), again = fresh(3);
        const std::vector<float> losses = bench.steps(0, 60);
        QVERIFY(losses.front() != without.gradients(0));
        const double before = mean(std::span(losses).first(10)), after = mean(std::span(losses).last(10));
        QVERIFY2(after < before - methodType(name).fall, qPrintable(QString("from %1 to %2").arg(before).arg(after)));
        QCOMPARE(std::get<Matrix>(bench.channels.values.at("embeddings")).rows, 5 * bench.config.batch);
        QCOMPARE(std::get<Matrix>(bench.channels.values.at("prototypes/shares")).rows, 2 * bench.config.batch);

        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("step.safetensors").toStdString();
        CheckpointState state;
        state.step = 60;
        state.config = bench.config;
        bench.describe(state);
        saveCheckpoint(path, bench.model, state);
        loadCheckpoint(path, again.model);
        QCOMPARE(again.steps(60, 3), bench.steps(60, 3));
    }

    void smallCropsNeedAnEncoderOfAnySize()
    {
        RunConfig config = toyConfig(4, "swav", "mlp");
        checkConfig(config);
        config.knobs.set("small_crops", 2.0);
        try {
            checkConfig(config);
            QFAIL("small crops were given to an encoder of one size");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("choose resnet, convnet, vit, or small_crops 0"), error.what());
        }
        config = toyConfig(4, "swav", "convnet");
        config.knobs.set("small_crops", 2.0);
        checkConfig(config);
        config = toyConfig(4, "swav", "vit"); // patches of 4 x 4 of 8 x 8
        config.knobs.set("small_crops", 2.0);
        checkConfig(config);
        config.knobs.set("small_crops.size", 6.0);
        try {
            checkConfig(config);
            QFAIL("small crops were taken that the patches do not divide");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("small_crops.size is 6") && QString(error.what()).contains("such as 4"), error.what());
        }
    }

    void switchedLiveItCollapses_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("knob");
        QTest::addColumn<QString>("off");
        QTest::addColumn<QStringList>("settings"); // with which a few hundred steps are enough
        QTest::addColumn<bool>("recovers");        // as soon, when it is switched back
        const QStringList quick{"learning_rate=0.03", "teacher.momentum=0"};
        QTest::newRow("byol predictor") << "byol"
                                        << "predictor"
                                        << "false" << quick << true;
        QTest::newRow("byol stop-gradient") << "byol"
                                            << "stop_gradient"
                                            << "false" << quick << false;
        QTest::newRow("simsiam stop-gradient") << "simsiam"
                                               << "stop_gradient"
                                               << "false" << quick << false;
        QTest::newRow("vicreg variance") << "vicreg"
                                         << "variance"
                                         << "0" << QStringList{"learning_rate=0.01"} << true;
        // At a low temperature the student's shares are sure enough long before its embeddings are one point.
        QTest::newRow("dino centring") << "dino"
                                       << "centring"
                                       << "false" << QStringList{"learning_rate=0.01", "teacher.momentum=0.9", "temperature=1"} << true;
    }
    /// While its loss improves, and on held-out samples, too.
    void switchedLiveItCollapses()
    {
        QFETCH(QString, method);
        QFETCH(QString, knob);
        QFETCH(QString, off);
        QFETCH(QStringList, settings);
        QFETCH(bool, recovers);
        Bench bench(method.toStdString(), "convnet");
        KnobSet &knobs = bench.config.knobs;
        for (const QString &setting : settings)
            if (const std::string name = setting.section('=', 0, 0).toStdString(); knobs.find(name))
                knobs.setText(name, setting.section('=', 1).toStdString());
        bench.steps(0, 100);
        const double whole = heldOutSpread(bench, ToyData());
        const KnobValue on = knobs.value(knob.toStdString());
        knobs.setText(knob.toStdString(), off.toStdString());
        const std::vector<float> losses = bench.steps(100, 400);
        const double collapsed = heldOutSpread(bench, ToyData());
        knobs.set(knob.toStdString(), on);
        bench.steps(500, 100);
        const double after = heldOutSpread(bench, ToyData());
        const double first = mean(std::span(losses).first(10)), last = mean(std::span(losses).last(10));
        const QByteArray numbers =
            QString("spread %1, without %2, back %3; loss from %4 to %5").arg(whole).arg(collapsed).arg(after).arg(first).arg(last).toUtf8();
        QVERIFY2(whole > 0.2, numbers.constData());
        QVERIFY2(collapsed < 0.1, numbers.constData());
        QVERIFY2(last < first, numbers.constData());
        QVERIFY2(recovers == (after > 0.15), numbers.constData());
        qInfo("%s", numbers.constData());
    }

    /// SimCSE's views are then one computation: nothing is left to pull together, and the push between sentences keeps them apart.
    void withoutDropoutSimCseOnlyPushes()
    {
        Bench bench("simcse", "transformer");
        bench.config.knobs.set("encoder.dropout", 0.1);
        const std::vector<float> with = bench.steps(0, 60);
        const double whole = heldOutSpread(bench, ToyText());
        bench.config.knobs.set("encoder.dropout", 0.0);
        const std::vector<float> without = bench.steps(60, 60);
        const double after = heldOutSpread(bench, ToyText());
        const QByteArray numbers = QByteArray::number(whole) + ", without dropout " + QByteArray::number(after);
        QVERIFY2(std::abs(bench.channels.scalars.at("similarity/positive") - 1) < 1e-5, "two views of a sentence differ");
        QVERIFY(mean(std::span(without).last(10)) < mean(std::span(with).last(10)));
        QVERIFY2(after > 0.5 * whole && after > 0.3, numbers.constData());
        qInfo("%s", numbers.constData());
    }

    void aDecodersAttentionIsTold()
    {
        Bench bench("denoise", "transformer", 1, true, {}, {{"pack", false}});
        bench.steps(0, 3);
        for (const char *row : {"", "/0", "/2"}) {
            const auto view = [&](const char *group) { return std::get<AttentionView>(bench.channels.values.at(group + std::string(row))); };
            const AttentionView read = view("tokens/attention"), written = view("tokens/decoder-attention"), cross = view("tokens/cross-attention");
            QVERIFY(cross.others == read.pieces && cross.pieces == written.pieces && written.others.empty());
            QCOMPARE(written.pieces.front(), std::string("[CLS]"));
            for (const AttentionView &one : {written, cross}) {
                const size_t rows = one.pieces.size(), columns = one.keys().size();
                QCOMPARE(one.visible.size(), rows * columns);
                QCOMPARE(one.weights.size(), rows * columns * size_t(one.layers * one.heads));
                for (size_t at = 0; at < one.weights.size(); ++at)
                    QCOMPARE(one.weights[at] > 0, one.visible[at % (rows * columns)] != 0); // what is hidden gets exactly nothing
                for (size_t at = 0; at < one.weights.size(); at += columns)
                    QVERIFY(std::abs(std::accumulate(one.weights.begin() + long(at), one.weights.begin() + long(at + columns), 0.) - 1) < 1e-5);
            }
            QCOMPARE(written.visible[1], uint8_t(0)); // it does not see what it is to write
            QVERIFY(std::ranges::count(cross.visible, uint8_t(0)) == 0);
        }
    }

    void whatIsEmbeddedIsTheSumOfTheTables_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("norm");
        for (const char *method : {"mlm", "clm", "denoise"})
            for (const char *norm : {"post", "pre"})
                QTest::addRow("%s, norms %s", method, norm) << QString(method) << QString(norm);
    }
    void whatIsEmbeddedIsTheSumOfTheTables()
    {
        QFETCH(QString, method);
        QFETCH(QString, norm);
        Bench bench(method.toStdString(), "transformer", 1, true, {}, {{"pack", false}, {"encoder.norm", norm.toStdString()}});
        bench.value(0); // through the initial weights, in which norms neither scale nor shift
        const auto embedded = std::get<EmbeddedTokens>(bench.channels.values.at("tokens/embedded/1"));
        const auto view = std::get<AttentionView>(bench.channels.values.at(method == "denoise" ? "tokens/decoder-attention/1" : "tokens/attention/1"));
        const Tensor table = textEncoder(*bench.model.encoder).tokenTable().value();
        const std::vector<float> tokens = table.toHost();
        const size_t width = size_t(embedded.width);
        QCOMPARE(int64_t(width), table.shape()[1]);
        QCOMPARE(embedded.given.size(), width * view.pieces.size());
        const bool normalised = norm == QStringLiteral("post"), types = normalised && method != "denoise"; // as BERT has them
        QCOMPARE(embedded.type.empty(), !types);
        for (size_t t = 0; t < view.pieces.size(); ++t) {
            const size_t id = size_t(toyTokenizer()->idOf(view.pieces[t]));
            std::vector<double> sum(width);
            for (size_t d = 0; d < width; ++d) {
                const size_t at = t * width + d;
                QCOMPARE(embedded.token[at], tokens[id * width + d]);
                sum[d] = double(embedded.token[at]) + embedded.position[at] + (types ? embedded.type[at] : 0);
            }
            const double mean = std::accumulate(sum.begin(), sum.end(), 0.) / double(width);
            double square = 0;
            for (const double value : sum)
                square += (value - mean) * (value - mean) / double(width);
            for (size_t d = 0; d < width; ++d)
                QVERIFY(std::abs(embedded.given[t * width + d] - (normalised ? (sum[d] - mean) / std::sqrt(square) : sum[d])) < 1e-4);
        }
    }

    void aTeacherFollowsByItsMomentum()
    {
        Bench bench("byol", "convnet");
        const auto weights = [&](const std::string &name) {
            for (const NamedTensor &weight : weightsOf(bench.model))
                if (weight.name == name)
                    return weight.tensor.toHost();
            return std::vector<float>();
        };
        const std::string online = parametersOf(bench.model).front().name, teacher = "teacher." + online;
        QVERIFY(!weights(teacher).empty());
        QCOMPARE(weights(teacher), weights(online)); // where it begins
        for (const float momentum : {0.f, 0.75f, 1.f}) {
            bench.config.knobs.set("teacher.momentum", double(momentum));
            const std::vector<float> before = weights(teacher);
            bench.step(0);
            const std::vector<float> led = weights(online), after = weights(teacher);
            QVERIFY(led != before);
            for (size_t i = 0; i < after.size(); ++i)
                QVERIFY(std::abs(after[i] - (momentum * before[i] + (1 - momentum) * led[i])) < 1e-6f);
        }
    }

    void aQueueLetsTheOldestGo()
    {
        Random random(1);
        EmbeddingQueue queue(4, 2, random);
        for (int row = 0; row < 4; ++row) {
            const std::vector<float> rows = queue.rows().toHost();
            QVERIFY(std::abs(std::hypot(rows[row * 2], rows[row * 2 + 1]) - 1) < 1e-6f);
        }
        queue.push(Tensor::fromHost(std::vector<float>{1, 2, 3, 4, 5, 6}, {3, 2}));
        queue.push(Tensor::fromHost(std::vector<float>{7, 8, 9, 10}, {2, 2}));
        QCOMPARE(queue.rows().toHost(), (std::vector<float>{7, 8, 9, 10, 1, 2, 3, 4}));
        queue.push(Tensor::fromHost(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {5, 2})); // more than it holds
        QCOMPARE(queue.rows().toHost(), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
    }

    /// The margin loss as it is sometimes written pulls every pair together.
    void withoutItsSignTheMarginLossCollapses()
    {
        const auto spread = [](const std::string &form) {
            Bench bench("margin", "convnet");
            bench.config.knobs.set("margin.form", form);
            bench.config.knobs.set("temperature", 1.0); // below, pairs are let alone before they are one
            const std::vector<float> losses = bench.steps(0, 120);
            return std::pair(bench.channels.scalars.at("embedding/std") * std::sqrt(bench.config.knobs.real("projector.dimension")), losses.back());
        };
        const auto [signs, learned] = spread("signed");
        const auto [none, best] = spread("unsigned");
        const QByteArray numbers = QByteArray::number(signs) + " signed, " + QByteArray::number(none) + " unsigned";
        QVERIFY2(signs > 0.5, numbers.constData()); // 1 where the embeddings are spread evenly
        QVERIFY2(none < 0.2, numbers.constData());
        QVERIFY(best < learned);
    }

    void aMethodThatLearnsFromLabelsRefusesDataWithout()
    {
        MethodType type = methodType("simclr");
        const auto refused = [&](bool labels, bool labelled) {
            type.labels = labels;
            try {
                requireLearnable(type, ToyData(-1, {}, labelled).info());
            } catch (const std::invalid_argument &error) {
                return QString(error.what()).contains("simclr learns from labels, and toy has none");
            }
            return false;
        };
        QVERIFY(refused(true, false));
        QVERIFY(!refused(true, true) && !refused(false, false));
    }

    void everyMethodStandsInOneFamily()
    {
        std::multiset<std::string> grouped, all;
        for (const MethodGroup &group : methodGroups()) {
            QVERIFY(*titleOf(group.family) && QString(helpOf(group.family)).endsWith(u'.'));
            for (const MethodType *type : group.methods)
                grouped.insert(type->name);
        }
        for (const MethodType &type : methodTypes()) {
            all.insert(type.name);
            QCOMPARE(type.family == Family::text, trainsOn(type, Modality::text));
            QVERIFY2(!type.labels || type.family == Family::labels, type.name.c_str());
        }
        QCOMPARE(grouped, all);
    }

    void whoGuessesTellsWhatAndHowSurely()
    {
        Bench bench("rotation", "convnet", 1, true);
        bench.steps(0, 3);
        const auto &guesses = std::get<Guesses>(bench.channels.values.at("targets/guesses"));
        QCOMPARE(guesses.answers.size(), size_t(4));
        QVERIFY(!guesses.task.empty() && guesses.rows() == bench.config.batch);
        int64_t right = 0;
        for (int64_t row = 0; row < guesses.rows(); ++row) {
            const std::span<const float> shares(guesses.row(row), 4);
            QVERIFY(std::abs(std::accumulate(shares.begin(), shares.end(), 0.) - 1) < 1e-5);
            right += std::ranges::max_element(shares) - shares.begin() == guesses.targets[size_t(row)];
        }
        QCOMPARE(bench.channels.scalars.at("accuracy/rotation"), double(right) / double(guesses.rows()));
    }

    /// What is told are the logits as they are, also where the loss adjusts them.
    void classesAreGuessedByTheirNumbers()
    {
        Bench bench("supervised", "convnet", 1, true, {}, {{"logit.adjustment", 2.0}});
        bench.model.method->startOn(*longTailed(std::make_shared<ToyData>(), 32));
        bench.gradients(0);
        const auto adjusted = std::get<Guesses>(bench.channels.values.at("targets/guesses"));
        QVERIFY(adjusted.answers == std::vector<std::string>(2) && adjusted.rows() == bench.config.batch);
        QVERIFY(std::ranges::count(adjusted.targets, 1) > 0 && std::ranges::count(adjusted.targets, 0) > 0);
        const float loss = float(bench.value(0));
        bench.config.knobs.set("logit.adjustment", 0.0);
        QVERIFY(float(bench.value(0)) != loss);
        QCOMPARE(std::get<Guesses>(bench.channels.values.at("targets/guesses")).probabilities, adjusted.probabilities);
    }

    void teachersAreComparedWithTheirStudents_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<bool>("ofAllViews");
        QTest::newRow("byol") << "byol" << true;
        QTest::newRow("dino") << "dino" << true;
        QTest::newRow("moco") << "moco" << false; // the student has the first views, the teacher the second ones
    }
    void teachersAreComparedWithTheirStudents()
    {
        QFETCH(QString, method);
        QFETCH(bool, ofAllViews);
        Bench bench(method.toStdString(), "convnet", 1, true);
        bench.config.knobs.set("teacher.momentum", 1.0);
        bench.step(0);
        QCOMPARE(bench.channels.scalars.at("teacher/distance"), 0.); // a copy
        bench.step(1);
        const double far = bench.channels.scalars.at("teacher/distance");
        QVERIFY(far > 0 && far < 1);
        const auto &cosines = std::get<Matrix>(bench.channels.values.at("similarity/teacher"));
        const int64_t n = bench.config.batch;
        QVERIFY(cosines.rows == 2 * n && cosines.columns == 2 * n);
        for (int64_t i = 0; i < 2 * n; ++i)
            for (int64_t j = 0; j < 2 * n; ++j) {
                QCOMPARE(std::isnan(cosines.at(i, j)), !ofAllViews && (i >= n || j < n));
                QVERIFY(!(std::abs(cosines.at(i, j)) > 1.0001f));
            }
        bench.config.knobs.set("teacher.momentum", 0.0);
        bench.step(2);
        bench.value(3); // without a step, right after the teacher became the student
        QCOMPARE(bench.channels.scalars.at("teacher/distance"), 0.);
    }

    void sharesAreToldAndForetold_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("swav") << "swav";
        QTest::newRow("dino") << "dino";
    }
    void sharesAreToldAndForetold()
    {
        QFETCH(QString, method);
        Bench bench(method.toStdString(), "convnet", 1, true);
        bench.steps(0, 2);
        const auto &shares = std::get<Matrix>(bench.channels.values.at("prototypes/shares"));
        const auto &foretold = std::get<Matrix>(bench.channels.values.at("prototypes/foretold"));
        QVERIFY(shares.columns == foretold.columns && shares.rows == foretold.rows);
        for (const Matrix *matrix : {&shares, &foretold})
            for (int64_t row = 0; row < matrix->rows; ++row) {
                const auto begin = matrix->values.begin() + row * matrix->columns;
                QVERIFY(std::abs(std::accumulate(begin, begin + matrix->columns, 0.) - 1) < 1e-4);
            }
        QVERIFY(shares.values != foretold.values);
    }

    void cutsLieWhereTheirTargetSays_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("patch-position") << "patch-position";
        QTest::newRow("jigsaw") << "jigsaw";
    }
    void cutsLieWhereTheirTargetSays()
    {
        QFETCH(QString, method);
        const auto data = std::make_shared<Places>();
        const MethodType &type = methodType(method.toStdString());
        KnobSet knobs(knobsOf(type.name, "convnet", data->info().image));
        for (const char *off : {"crop", "jitter", "flip"})
            knobs.set(off, false);
        LoaderOptions options;
        options.batchSize = 64;
        options.views = type.views;
        options.ahead = 0;
        options.maker = type.maker;
        const auto batch = Loader(data, knobs, options).next(0, {});
        const std::vector<Permutation> permutations = distantPermutations(64);
        const ViewBlock block = viewBlocks(*batch).front();
        std::set<int32_t> targets;
        for (int64_t sample = 0; sample < 64; ++sample) {
            std::vector<std::array<int, 2>> corners; // row, column
            for (int view = 0; view < block.count; ++view) {
                const float *first = &batch->pixels[size_t(view * 64 + sample) * block.values()], *last = first + block.values() - 1;
                const int at = int(std::lround(*first * 255)), end = int(std::lround(*last * 255));
                corners.push_back({at / Places::kAlong, at % Places::kAlong});
                QCOMPARE(end - at, (block.shape.height - 1) * Places::kAlong + block.shape.width - 1); // pixel for pixel
                QCOMPARE(batch->targets[size_t(view * 64 + sample)], batch->targets[size_t(sample)]);
            }
            const int32_t target = batch->targets[size_t(sample)];
            targets.insert(target);
            if (type.name == "jigsaw") {
                for (int place = 0; place < kPieces; ++place)
                    QCOMPARE(corners[size_t(place)][0] / 5 * 3 + corners[size_t(place)][1] / 5, int(permutations[size_t(target)][size_t(place)]));
                continue;
            }
            const int down = corners[1][0] - corners[0][0], right = corners[1][1] - corners[0][1], size = block.shape.height;
            const auto way = [size](int distance) { return distance >= size ? 2 : distance <= -size ? 0 : 1; };
            const int cell = way(down) * 3 + way(right);
            QCOMPARE(target, cell > 4 ? cell - 1 : cell);
        }
        QVERIFY(targets.size() > 6);
    }

    /// So that a window can lay the tiles as they were answered to lie.
    void anAnswerOfJigsawSaysWhereEachTileBelongs()
    {
        Bench bench("jigsaw", "convnet", 1, true);
        bench.value(0);
        const auto &guesses = std::get<Guesses>(bench.channels.values.at("targets/guesses"));
        const std::vector<Permutation> permutations = distantPermutations(int(guesses.answers.size()));
        QVERIFY(guesses.answers.size() > 1 && guesses.orders.size() == guesses.answers.size());
        for (size_t answer = 0; answer < guesses.answers.size(); ++answer) {
            std::string words;
            for (size_t tile = 0; tile < guesses.orders[answer].size(); ++tile) {
                QCOMPARE(guesses.orders[answer][tile], permutations[answer][tile]);
                words += (words.empty() ? "" : " ") + std::to_string(guesses.orders[answer][tile] + 1);
            }
            QCOMPARE(guesses.answers[answer], words);
        }
    }

    void permutationsAreFarFromEachOther()
    {
        const std::vector<Permutation> some = distantPermutations(64);
        for (size_t i = 0; i < some.size(); ++i)
            for (size_t j = 0; j < i; ++j)
                QVERIFY(hammingDistance(some[i], some[j]) >= 6);
        const std::vector<Permutation> few = distantPermutations(10);
        QVERIFY(std::equal(few.begin(), few.end(), some.begin()));
    }

    /// Only what is hidden counts, and the model is not given it.
    void simmimIsJudgedByWhatItDoesNotSee()
    {
        Bench bench("simmim", "convnet", 1, true);
        bench.config.knobs.set("mask.ratio", 0.5);
        bench.value(0);
        const Matrix seen = std::get<Matrix>(bench.channels.values.at("reconstruction/seen")),
                     error = std::get<Matrix>(bench.channels.values.at("reconstruction/error"));
        const Matrix painted = std::get<Matrix>(bench.channels.values.at("reconstruction/output"));
        int hidden = 0;
        for (size_t i = 0; i < seen.values.size(); ++i) {
            hidden += !std::isnan(error.values[i]);
            if (std::isnan(error.values[i]))
                QCOMPARE(painted.values[i], seen.values[i]);
            else
                QCOMPARE(seen.values[i], 0.f);
        }
        QCOMPARE(hidden * 2, int(seen.values.size()));
    }

    /// Who foretells well is nearer than who says that nothing moves.
    void nextFramesAreForetoldBetterThanByStandingStill()
    {
        Bench bench("next-frame", "convnet");
        bench.config.knobs.set("encoder.pool", 2.0); // which keeps places
        bench.model = makeModel(bench.config, bench.input());
        bench.steps(0, 150);
        QVERIFY2(bench.channels.scalars.at("loss/reconstruction") < 0.2 * bench.channels.scalars.at("loss/still"),
                 qPrintable(QString("%1, still %2").arg(bench.channels.scalars.at("loss/reconstruction")).arg(bench.channels.scalars.at("loss/still"))));
    }

    void clipsAreWantedWhereFramesAreForetold()
    {
        try {
            requireLearnable(methodType("next-frame"), ToyData().info());
            QFAIL("images without a next one were taken");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("moving-shapes"), error.what());
        }
        requireLearnable(methodType("next-frame"), ToyClips().info());
        QVERIFY(learnsFrom(methodType("colourisation"), ToyColour().info()));
        QVERIFY(!learnsFrom(methodType("colourisation"), ToyClips().info())); // whose channels are no colours
        QVERIFY(!learnsFrom(methodType("mlm"), ToyData().info()));
        QCOMPARE(firstDataFor(methodType("next-frame")), std::string("moving-shapes"));
        QCOMPARE(firstDataFor(methodType("colourisation")), std::string("shapes"));
        std::map<std::string, DatasetInfo> opened;
        for (const MethodType &type : methodTypes()) {
            if (!trainsOn(type, Modality::image))
                continue;
            const std::string name = firstDataFor(type);
            if (!opened.contains(name))
                opened[name] = openDataset(name)->info();
            QVERIFY2(learnsFrom(type, opened[name]), type.name.c_str());
        }
    }

    void theLossFalls_data() { everyMethodAndEncoder(); }
    void theLossFalls()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const std::vector<float> losses = Bench(method.toStdString(), encoder.toStdString()).steps(0, 60);
        const double before = mean(std::span(losses).first(10)), after = mean(std::span(losses).last(10));
        QVERIFY2(after < before - methodType(method.toStdString()).fall, qPrintable(QString("from %1 to %2").arg(before).arg(after)));
    }

    void equalSeedsGiveEqualNumbers_data() { everyMethodAndEncoder(); }
    void equalSeedsGiveEqualNumbers()
    {
        QFETCH(QString, method);
        QFETCH(QString, encoder);
        const std::string m = method.toStdString(), e = encoder.toStdString();
        const auto losses = Bench(m, e, 3).steps(0, 5);
        QCOMPARE(Bench(m, e, 3).steps(0, 5), losses);
        QVERIFY2(Bench(m, e, 4).steps(0, 5) != losses, "another seed gave the same losses");
    }

    void watchingChangesNothing_data() { everyMethod(); }
    void watchingChangesNothing()
    {
        QFETCH(QString, method);
        const std::string encoder = anEncoderFor(method.toStdString());
        Bench alone(method.toStdString(), encoder), watched(method.toStdString(), encoder, 1, true);
        QCOMPARE(watched.steps(0, 5), alone.steps(0, 5));
        QVERIFY(!watched.channels.values.empty());
        QCOMPARE(watched.channels.scalars, alone.channels.scalars);
    }

    void aCheckpointContinuesBitForBit_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("optimizer");
        for (const MethodType &type : methodTypes())
            for (const char *optimizer : {"sgd", "adam", "adamw", "lars"})
                QTest::newRow((type.name + " " + optimizer).c_str()) << QString::fromStdString(type.name) << QString(optimizer);
    }
    void aCheckpointContinuesBitForBit()
    {
        QFETCH(QString, method);
        QFETCH(QString, optimizer);
        const auto fresh = [&] {
            Bench bench(method.toStdString(), anEncoderFor(method.toStdString()));
            bench.config.knobs.set("optimizer", optimizer.toStdString());
            bench.model = makeModel(bench.config, bench.input());
            return bench;
        };
        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("step.safetensors").toStdString();
        Bench first = fresh(), second = fresh();
        first.steps(0, 4);
        CheckpointState state;
        state.step = 4;
        state.config = first.config;
        first.describe(state);
        saveCheckpoint(path, first.model, state);
        loadCheckpoint(path, second.model);
        QCOMPARE(second.model.optimizer->stepsTaken(), int64_t(4));
        QCOMPARE(second.steps(4, 4), first.steps(4, 4));
        QCOMPARE(readCheckpointState(path).step, int64_t(4));
    }
};

QTEST_APPLESS_MAIN(TestMethods)
#include "tst_methods.moc"
