// The four objectives' view of a sentence is what training would make of it: the corrupters' own output for the seed, and the methods' own masks. Their small
// models are trained by the methods' own losses.
#include "core/analysis/objectivemodels.h"
#include "core/data/corrupt/textnoise.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/engine/config.h"
#include "core/engine/model.h"
#include "core/nn/textencoder.h"
#include "core/ssl/tokenviews.h"
#include "core/system/threads.h"
#include "toytext.h"

#include <QTest>

using namespace pretext;

namespace {

const std::string kSentence = "the sun shines by day over the hill . the moon glows in the dark under the tree .";

std::vector<int32_t> framedSentence()
{
    return framed(toyTokenizer()->encode(kSentence), 64);
}

OwnedSequence sequence(const std::vector<int32_t> &ids)
{
    return {ids, toyTokenizer()->words(ids), toyTokenizer()->sentences(ids), toyTokenizer()->vocabularySize()};
}

std::vector<std::string> pieces(const std::vector<int32_t> &ids)
{
    return piecesOf(ids, *toyTokenizer());
}

std::vector<std::string> given(const TokenRowView &row)
{
    std::vector<std::string> all;
    for (const TokenBox &box : row.given)
        all.push_back(box.piece);
    return all;
}

/// One sentence, again and again.
class OneText : public Dataset
{
public:
    OneText() { m_info.modality = Modality::text; }
    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? 16 : 0; }
    float label(Split, int64_t, int) const override { return 0; }
    std::string text(Split, int64_t) const override { return kSentence; }

private:
    DatasetInfo m_info;
};

std::unique_ptr<ObjectiveModels> trained(const std::shared_ptr<const Dataset> &dataset, int stepsOfEach, uint64_t seed = 1)
{
    auto models = ObjectiveModels::make({dataset, toyTokenizer(), {{"pack", false}}, seed});
    for (size_t i = 0; i < size_t(stepsOfEach) * tokenObjectives().size(); ++i)
        models->step();
    return models;
}

std::vector<double> lossesOf(ObjectiveModels &models)
{
    std::vector<double> losses;
    for (const ObjectiveProgress &one : models.progress(nullptr))
        for (const LossCourse::Point &point : one.losses.points())
            losses.push_back(point.loss);
    return losses;
}

} // namespace

class TestObjectives : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { setThreads(1); } // small models gain nothing from more
    void maskingIsTheCorruptersOwn();
    void causalTargetsAreTheTokensThatFollow();
    void aPrefixPredictsBehindItself();
    void denoisingIsTheCorruptersOwn();
    void masksAreTheMethods();
    void aLongSentenceIsCutToTheContext();
    void anEmptySentenceIsARow();
    void theModelsTakeTurnsAndTheirLossesFall();
    void equalSeedsGiveEqualLosses();
    void aRepeatedSentenceIsForetold();
    void anotherMaskRatioIsThatOfTheNextBatch();
    void aCourseKeepsItsMean();
    void aModelThatIsGivenUpIsNone();
};

void TestObjectives::maskingIsTheCorruptersOwn()
{
    for (const uint32_t draw : {0u, 1u, 7u}) {
        const Objective mlm = objectivesOf({.sentence = kSentence, .knobs = {{"mask.ratio", 0.3}}, .seed = 5, .draw = draw}, toyTokenizer()).at(0);
        const std::vector<int32_t> ids = framedSentence();
        MaskOptions options;
        options.ratio = 0.3f;
        const Corruption corruption = maskTokens(sequence(ids).view(), options, Random(5, draw, 0, 0));
        QCOMPARE(mlm.name, std::string("mlm"));
        QVERIFY(given(mlm.row) == pieces(corruption.ids));
        QVERIFY(mlm.row.targets == pieces(corruption.targets));
        QVERIFY(mlm.row.original == pieces(ids));
        QVERIFY(given(mlm.row) != mlm.row.original);
    }
}

void TestObjectives::causalTargetsAreTheTokensThatFollow()
{
    const Objective clm = objectivesOf({.sentence = kSentence}, toyTokenizer()).at(1);
    const std::vector<std::string> all = pieces(framedSentence());
    QVERIFY(given(clm.row) == std::vector(all.begin(), all.end() - 1));
    QVERIFY(clm.row.targets == std::vector(all.begin() + 1, all.end()));
}

void TestObjectives::aPrefixPredictsBehindItself()
{
    const Objective objective = objectivesOf({.sentence = kSentence, .seed = 3}, toyTokenizer()).at(2);
    const std::vector<std::string> all = pieces(framedSentence());
    const int prefix = objective.row.prefix, side = int(objective.row.given.size());
    QVERIFY(prefix > 0 && prefix <= side);
    for (int t = 0; t < side; ++t)
        QCOMPARE(objective.row.targets[t], t < prefix - 1 ? std::string() : all[t + 1]);
    for (int from = 0; from < side; ++from)
        for (int to = 0; to < side; ++to)
            QCOMPARE(bool(objective.visible[from * side + to]), to <= from || to < prefix);
}

void TestObjectives::denoisingIsTheCorruptersOwn()
{
    for (const char *noise : {"infilling", "deletion", "rotation"}) {
        const Objective objective = objectivesOf({.sentence = kSentence, .knobs = {{"noise", std::string(noise)}}, .seed = 9, .draw = 2}, toyTokenizer()).at(3);
        const std::vector<int32_t> ids = framedSentence();
        const Corruption corruption = addNoise(sequence(ids).view(), textNoise(noise), {}, Random(9, 2, 0, 0));
        const std::vector<std::string> all = pieces(ids);
        QVERIFY(given(objective.row) == pieces(corruption.ids));
        QVERIFY(objective.row.decoder == std::vector(all.begin(), all.end() - 1));
        QVERIFY(objective.row.targets == std::vector(all.begin() + 1, all.end()));
        const size_t side = objective.row.decoder.size();
        QCOMPARE(objective.decoderVisible.size(), side * side);
        QVERIFY(objective.decoderVisible[0] && !objective.decoderVisible[1] && objective.decoderVisible[side]);
    }
}

void TestObjectives::masksAreTheMethods()
{
    for (const Objective &objective : objectivesOf({.sentence = kSentence}, toyTokenizer())) {
        RunConfig config = recommendedConfig(ToyText(), objective.name);
        config.knobs.set("encoder.width", 16.0);
        config.knobs.set("encoder.layers", 1.0);
        config.knobs.set("encoder.heads", 1.0);
        const Model model = makeModel(config, inputShapeOf(*toyTokenizer()));
        TextEncoder &encoder = textEncoder(*model.encoder);
        const int64_t side = static_cast<int64_t>(objective.row.given.size());
        // Of the engine's own weights: a hidden cell is exactly 0, a visible one is not.
        std::vector<int32_t> ids;
        for (const TokenBox &box : objective.row.given)
            ids.push_back(box.id);
        TokenInput input = tokenInput(ids, side);
        if (objective.row.prefix > 0)
            input.prefixes = Tensor::fromHost(std::vector{objective.row.prefix}, Shape{1});
        const std::vector<float> weights = encoder.attention(input, 0).toHost();
        for (int64_t i = 0; i < side * side; ++i)
            QCOMPARE(weights[i] > 0, bool(objective.visible[i]));
    }
}

void TestObjectives::aLongSentenceIsCutToTheContext()
{
    std::string sentence;
    for (int i = 0; i < 50; ++i)
        sentence += "the sun shines ";
    for (const Objective &objective : objectivesOf({.sentence = sentence, .knobs = {{"encoder.context", 16.0}}}, toyTokenizer()))
        QVERIFY(objective.row.original.size() <= 16 && objective.row.given.size() <= 16 && objective.row.decoder.size() <= 16);
}

void TestObjectives::anEmptySentenceIsARow()
{
    for (const Objective &objective : objectivesOf({.sentence = ""}, toyTokenizer()))
        QCOMPARE(objective.row.given.front().piece, std::string("[CLS]"));
}

void TestObjectives::theModelsTakeTurnsAndTheirLossesFall()
{
    const auto models = trained(std::make_shared<const ToyText>(), 40);
    QCOMPARE(models->steps(), int64_t(160));
    const std::vector<ObjectiveProgress> progress = models->progress(nullptr);
    QVERIFY(progress.size() >= 4);
    for (size_t i = 0; i < progress.size(); ++i) {
        QCOMPARE(progress[i].name, tokenObjectives()[i]);
        QCOMPARE(progress[i].losses.steps(), int64_t(40));
        const double first = progress[i].losses.points().front().loss, last = progress[i].losses.latest();
        QVERIFY2(last < 0.75 * first, qPrintable(QStringLiteral("%1: %2 to %3").arg(progress[i].name.c_str()).arg(first).arg(last)));
        QVERIFY(progress[i].predictions.empty()); // nothing was asked
    }
}

void TestObjectives::equalSeedsGiveEqualLosses()
{
    const auto text = std::make_shared<const ToyText>();
    const auto one = trained(text, 5, 3), same = trained(text, 5, 3), other = trained(text, 5, 4);
    (void)one->progress(nullptr);
    QVERIFY(lossesOf(*one) == lossesOf(*same));
    QVERIFY(lossesOf(*one) != lossesOf(*other));
}

void TestObjectives::aRepeatedSentenceIsForetold()
{
    const auto models = trained(std::make_shared<const OneText>(), 120);
    const ObjectiveQuestion question{.sentence = kSentence, .knobs = {{"pack", false}}, .draw = 77};
    const std::vector<Objective> objectives = objectivesOf(question, toyTokenizer());
    const std::vector<ObjectiveProgress> progress = models->progress(&question);
    for (size_t i = 0; i < objectives.size(); ++i) {
        const std::vector<std::string> &targets = objectives[i].row.targets;
        QCOMPARE(progress[i].predictions.size(), size_t(std::ranges::count_if(targets, [](const std::string &target) { return !target.empty(); })));
        size_t right = 0;
        for (const TokenPrediction &one : progress[i].predictions) {
            QCOMPARE(one.truth, targets.at(size_t(one.position)));
            right += one.candidates.front().piece == one.truth && one.probability > 0.5f;
        }
        QVERIFY2(right == progress[i].predictions.size(), qPrintable(QStringLiteral("%1: %2").arg(objectives[i].name.c_str()).arg(right)));
    }
    const ObjectiveQuestion unknown{.sentence = "the tree glows over the bat .", .knobs = {{"pack", false}}};
    double least = 1; // a model of one sentence is surprised by another
    for (const ObjectiveProgress &one : models->progress(&unknown))
        for (const TokenPrediction &prediction : one.predictions)
            least = std::min(least, double(prediction.probability));
    QVERIFY(least < 0.05);
    QCOMPARE(models->steps(), int64_t(120 * objectives.size())); // asking is no step
}

/// Where all that is to be predicted is given, it only has to be read off.
void TestObjectives::anotherMaskRatioIsThatOfTheNextBatch()
{
    const auto models = ObjectiveModels::make({std::make_shared<const ToyText>(), toyTokenizer(), {{"pack", false}}});
    const auto nextOfMlm = [&] {
        for (size_t i = 0; i < tokenObjectives().size(); ++i)
            models->step();
        return models->progress(nullptr).front().losses.points().back().loss;
    };
    QVERIFY(nextOfMlm() > 1);
    models->setKnobs({{"pack", false}, {"mask.ratio", 0.9}, {"mask.hidden", 0.}, {"mask.replaced", 0.}});
    double last = 0;
    for (int i = 0; i < 60; ++i)
        last = nextOfMlm();
    QVERIFY2(last < 0.5, qPrintable(QString::number(last)));
}

void TestObjectives::aCourseKeepsItsMean()
{
    LossCourse course;
    QCOMPARE(course.latest(), 0.);
    for (int step = 1; step <= 5120; ++step)
        course.add(step);
    QCOMPARE(course.steps(), int64_t(5120));
    const auto &points = course.points();
    QVERIFY(points.size() <= LossCourse::kMost && points.size() >= LossCourse::kMost / 2);
    for (size_t i = 0; i < points.size(); ++i) {
        QVERIFY(std::abs(points[i].step - points[i].loss) < 1e-6);
        QVERIFY(i == 0 || points[i].step > points[i - 1].step);
    }
    QCOMPARE(points.front().step, 16.5); // the mean of 32 steps
    QVERIFY(course.latest() > 4600);
}

void TestObjectives::aModelThatIsGivenUpIsNone()
{
    QVERIFY(!ObjectiveModels::make({std::make_shared<const ToyText>(), toyTokenizer()}, [](double) { return false; }));
}

QTEST_APPLESS_MAIN(TestObjectives)
#include "tst_objectives.moc"
