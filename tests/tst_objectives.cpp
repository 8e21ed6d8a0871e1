// The four objectives' view of a sentence is what training would make of it: the corrupters' own output for the seed, and the methods' own masks.
#include "core/analysis/objectives.h"
#include "core/data/corrupt/textnoise.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/engine/config.h"
#include "core/engine/model.h"
#include "core/nn/textencoder.h"
#include "core/ssl/tokenviews.h"
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

} // namespace

class TestObjectives : public QObject
{
    Q_OBJECT

private slots:
    void maskingIsTheCorruptersOwn();
    void causalTargetsAreTheTokensThatFollow();
    void aPrefixPredictsBehindItself();
    void denoisingIsTheCorruptersOwn();
    void masksAreTheMethods();
    void aLongSentenceIsCutToTheContext();
    void anEmptySentenceIsARow();
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

QTEST_APPLESS_MAIN(TestObjectives)
#include "tst_objectives.moc"
