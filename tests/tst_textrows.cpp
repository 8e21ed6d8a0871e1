// From texts to rows and back: what a row maker makes of samples, how a continuation is drawn, prompts, and the cache of tokenizers.
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/engine/model.h"
#include "core/engine/steprecord.h"
#include "core/engine/tokenizing.h"
#include "core/ssl/answer.h"
#include "core/ssl/method.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <map>

using namespace pretext;
using Ids = std::vector<int32_t>;

namespace {

/// Rows of samples [first, first + count) of the toy text, as the method makes them.
TokenRows rowsOf(const RunConfig &config, int64_t first, int64_t count)
{
    const MethodType &type = methodType(config.method);
    const auto maker = type.maker({std::make_shared<ToyText>(), toyTokens()}, config.knobs);
    Batch batch;
    batch.views = viewCount(type.views(config.knobs));
    for (int64_t i = 0; i < count; ++i)
        batch.indices.push_back(first + i);
    maker->begin(batch);
    for (int64_t i = count; i-- > 0;) // in any order
        maker->make(batch, config.seed, i);
    maker->finish(batch);
    return batch.tokens;
}

/// Counts how often it is asked for a text.
class CountedText : public ToyText
{
public:
    std::string text(Split split, int64_t index) const override
    {
        ++reads;
        return ToyText::text(split, index);
    }
    mutable int reads = 0;
};

RunConfig configOf(const std::string &method, int context, bool pack)
{
    RunConfig config = toyConfig(0, method, "transformer");
    config.knobs.set("encoder.context", double(context));
    if (config.knobs.find("pack"))
        config.knobs.set("pack", pack);
    return config;
}

Ids rowAt(const TokenRows &rows, int64_t row)
{
    const auto begin = rows.ids.begin() + row * rows.length;
    return {begin, begin + rows.lengths[row]};
}

std::string questionOf(int words)
{
    std::string text;
    for (int i = 0; i < words; ++i)
        text += i ? " sun" : "sun";
    return text;
}

} // namespace

class TestTextRows : public QObject
{
    Q_OBJECT

private slots:
    void aSampleIsFramedAndPadded()
    {
        const auto tokens = toyTokens();
        const TokenRows rows = rowsOf(configOf("clm", 64, false), 0, 8);
        QCOMPARE(rows.length % 8, int64_t(0));
        QVERIFY(rows.length < 64); // as long as the longest, not as the context
        for (int64_t row = 0; row < 8; ++row) {
            Ids whole = framed(tokens->sample(row), 64);
            const Ids given(whole.begin(), whole.end() - 1);
            QCOMPARE(rowAt(rows, row), given);
            for (int64_t t = 0; t < rows.length; ++t) {
                const bool inside = t < int64_t(given.size());
                QCOMPARE(rows.ids[row * rows.length + t] == kPadding, !inside);
                QCOMPARE(rows.targets[row * rows.length + t], inside ? whole[t + 1] : int32_t(kNoTarget));
            }
        }
    }

    void packedRowsAreFull()
    {
        const auto tokens = toyTokens();
        const TokenRows rows = rowsOf(configOf("clm", 32, true), 0, 4);
        for (int64_t row = 0; row < 4; ++row) {
            const Ids given = rowAt(rows, row);
            QCOMPARE(given.size(), size_t(31)); // of 32, the last is a target only
            Ids expected{kClassify};
            for (int64_t sample = row; expected.size() < 31; ++sample) {
                const std::span<const int32_t> ids = tokens->sample(sample);
                expected.insert(expected.end(), ids.begin(), ids.end());
                expected.push_back(kSeparate);
            }
            expected.resize(31);
            QCOMPARE(given, expected);
        }
        // Behind the last sample nothing follows.
        QCOMPARE(rowAt(rowsOf(configOf("clm", 64, true), ToyText::kTrain - 1, 1), 0).size(), tokens->sample(ToyText::kTrain - 1).size() + 1);
    }

    /// A batch brings its texts along, and no step reads one that nobody looks at.
    void textsAreReadWhereTheyAreShown()
    {
        const RunConfig config = configOf("mlm", 32, false);
        const auto data = std::make_shared<CountedText>();
        Batch batch;
        batch.views = 1;
        batch.indices = {7, 3, 40};
        const auto maker = methodType("mlm").maker({data, toyTokens()}, config.knobs);
        maker->begin(batch);
        for (int64_t place = 0; place < 3; ++place)
            maker->make(batch, 1, place);
        maker->finish(batch);
        StepRecord record;
        record.begin(batch, preparedText(toyTokenizer()));
        Wanted wanted;
        QVERIFY(!record.snapshot(1, 1, config.knobs, wanted)->take()->channel<TokenRowViews>("tokens/rows"));
        QCOMPARE(data->reads, 0);
        wanted.set({"tokens/rows"});
        const SnapshotPtr snapshot = record.snapshot(1, 1, config.knobs, wanted)->take();
        const auto *rows = snapshot->channel<TokenRowViews>("tokens/rows");
        QVERIFY(rows && rows->size() == 3);
        for (size_t row = 0; row < 3; ++row)
            QCOMPARE((*rows)[row].text, ToyText().text(Split::train, batch.indices[row]));
        QCOMPARE(data->reads, 3);
    }

    void whatIsBeyondTheContextIsCut()
    {
        for (const MethodType &type : methodTypes())
            if (trainsOn(type, Modality::text))
                for (bool pack : {true, false}) {
                    const TokenRows rows = rowsOf(configOf(type.name, 8, pack), 0, 16);
                    QVERIFY2(rows.length == 8 && rows.decoderLength <= 8, type.name.c_str());
                    for (int32_t length : rows.lengths)
                        QVERIFY(length > 0 && length <= 8);
                    QCOMPARE(rows.records.size(), rows.lengths.size());
                    for (size_t row = 0; row < rows.lengths.size(); ++row)
                        QCOMPARE(rows.records[row].actions.size(), size_t(rows.lengths[row]));
                }
    }

    void onlyAnswersAreAskedFor()
    {
        std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁Q", "▁A", "▁=", "▁~", "▁?", ":"};
        for (int digit = 0; digit < 10; ++digit)
            pieces.push_back("▁" + std::to_string(digit));
        const auto tokenizer = std::make_shared<const Tokenizer>(TokenizerKind::word, std::move(pieces));
        const std::shared_ptr<const Dataset> data = openDataset("operators");
        const auto tokens = std::make_shared<const TokenizedText>(*data, Split::train, tokenizer, 4);
        RunConfig config = configOf("clm", 128, false);
        config.knobs.set("answers", true);
        Batch batch;
        batch.views = 1;
        batch.indices = {3};
        const auto maker = methodType("clm").maker({data, tokens}, config.knobs);
        maker->begin(batch);
        maker->make(batch, 1, 0);
        maker->finish(batch);
        std::string asked, expected;
        for (int64_t t = 0; t < batch.tokens.length; ++t)
            if (batch.tokens.targets[t] != kNoTarget)
                asked += tokenizer->piece(batch.tokens.targets[t]).substr(std::string("▁").size());
        const std::string text = data->text(Split::train, 3) + "\n";
        for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1))
            expected += text[end - 1];
        QCOMPARE(expected.size(), size_t(9));
        QCOMPARE(asked, expected);

        // A prompt is answered by what was trained: of each "A:" the token behind it, and no more.
        const Model model = makeModel(config, inputShapeOf(*tokenizer));
        model.encoder->setTraining(false);
        const Question question{.text = "Q: 1 ~ 2 = ? A: 3 Q: 4 ~ 5 = ? A:", .masked = {}, .candidates = 5, .sampling = {}};
        const auto given = model.method->answer(*model.encoder, PreparedText(tokenizer), question);
        QVERIFY(given);
        const Answer &answer = std::get<Answer>(*given);
        QCOMPARE(answer.predictions.size(), size_t(2));
        QVERIFY(answer.predictions[0].truth.ends_with("3") && answer.predictions[1].truth.empty());
        QVERIFY(answer.rebuilt.size() <= 1);

        config.knobs.set("answers", false);
        const TokenRows plain = rowsOf(config, 0, 4);
        config.knobs.set("answers", true); // a text that asks nothing
        QCOMPARE(rowsOf(config, 0, 4).targets, plain.targets);
    }

    void aDecoderWritesItsTargetsOneLater()
    {
        for (const char *noise : {"infilling", "sentinels"}) {
            RunConfig config = configOf("denoise", 64, false);
            config.knobs.set("noise", std::string(noise));
            const TokenRows rows = rowsOf(config, 0, 8);
            for (int64_t row = 0; row < 8; ++row) {
                const auto given = std::span(rows.decoderIds).subspan(row * rows.decoderLength, rows.decoderLengths[row]);
                const auto targets = std::span(rows.targets).subspan(row * rows.decoderLength, rows.decoderLengths[row]);
                QCOMPARE(given.front(), int32_t(kClassify));
                QCOMPARE(targets.back(), int32_t(kSeparate));
                for (size_t t = 1; t < given.size(); ++t)
                    QCOMPARE(given[t], targets[t - 1]);
            }
        }
    }

    void sentinelsAndTheirSpansMakeTheOriginal()
    {
        RunConfig config = configOf("denoise", 64, false);
        config.knobs.set("noise", std::string("sentinels"));
        const TokenRows rows = rowsOf(config, 0, 16);
        for (int64_t row = 0; row < 16; ++row) {
            const auto written = std::span(rows.targets).subspan(row * rows.decoderLength, rows.decoderLengths[row]);
            Ids whole;
            size_t next = 0; // of what is written
            for (const int32_t id : rowAt(rows, row)) {
                if (id != kMaskToken) {
                    whole.push_back(id);
                    continue;
                }
                QCOMPARE(written[next++], int32_t(kMaskToken));
                QVERIFY(written[next] != kMaskToken && written[next] != kSeparate); // no empty span
                while (written[next] != kMaskToken && written[next] != kSeparate)
                    whole.push_back(written[next++]);
            }
            QCOMPARE(next + 1, written.size());
            QCOMPARE(whole, rows.records[row].original);
        }
    }

    void batchesAreAFunctionOfTheirKey()
    {
        const RunConfig config = configOf("mlm", 32, true);
        RunConfig other = config;
        other.seed = 2;
        QCOMPARE(rowsOf(config, 3, 8).ids, rowsOf(config, 3, 8).ids);
        QVERIFY(rowsOf(config, 3, 8).ids != rowsOf(other, 3, 8).ids);
        QCOMPARE(rowAt(rowsOf(config, 3, 8), 2), rowAt(rowsOf(config, 5, 1), 0)); // whoever is beside it
    }

    void aTemperatureOfZeroTakesTheBest()
    {
        std::vector<float> scores(10, 0.f);
        scores[kMaskToken] = 9, scores[kPadding] = 8, scores[7] = 3, scores[8] = 3;
        Random random(1);
        QCOMPARE(drawToken(scores, {.temperature = 0}, random), 7); // special tokens are never drawn; of equals the lower
        scores[kSeparate] = 4;                                      // but for the end of a text
        QCOMPARE(drawToken(scores, {.temperature = 0}, random), int32_t(kSeparate));
    }

    void tokensAreDrawnInProportion()
    {
        std::vector<float> scores(8, -100.f);
        scores[5] = std::log(0.6f), scores[6] = std::log(0.3f), scores[7] = std::log(0.1f);
        const auto shares = [&](const Sampling &sampling) {
            Random random(3);
            std::map<int32_t, double> counts;
            for (int i = 0; i < 4000; ++i)
                counts[drawToken(scores, sampling, random)] += 1. / 4000;
            return counts;
        };
        const auto near = [](double a, double b) { return std::abs(a - b) < 0.03; };
        auto plain = shares({});
        QVERIFY(near(plain[5], 0.6) && near(plain[6], 0.3) && near(plain[7], 0.1));
        auto sharp = shares({.temperature = 0.5f}); // squares: 36 : 9 : 1
        QVERIFY(near(sharp[5], 36. / 46) && near(sharp[6], 9. / 46));
        auto top = shares({.topK = 2});
        QVERIFY(near(top[5], 2. / 3) && near(top[6], 1. / 3) && top[7] == 0);
        QCOMPARE(shares({.topK = 1}).size(), size_t(1));
        auto nucleus = shares({.topP = 0.7f}); // the fewest whose share reaches it: two
        QVERIFY(near(nucleus[5], 2. / 3) && nucleus[7] == 0);
        QCOMPARE(shares({.topP = 0.f}).size(), size_t(1)); // never none
    }

    void aPromptBeyondTheContextIsTold()
    {
        const auto tokenizer = toyTokenizer();
        QCOMPARE(askedRow({.text = questionOf(6)}, *tokenizer, 8).problem, std::string());
        const std::string problem = askedRow({.text = questionOf(7)}, *tokenizer, 8).problem;
        QVERIFY2(problem.find("7 tokens") != std::string::npos && problem.find("room for 6") != std::string::npos, problem.c_str());
        for (const char *method : {"mlm", "clm", "prefix", "denoise"}) {
            const Model model = makeModel(configOf(method, 8, false), inputShapeOf(*tokenizer));
            model.encoder->setTraining(false);
            const std::optional<ChannelValue> answer = model.method->answer(*model.encoder, PreparedText(tokenizer), {.text = questionOf(20)});
            QVERIFY2(answer && !std::get<Answer>(*answer).problem.empty(), method);
            QVERIFY2(std::get<Answer>(*model.method->answer(*model.encoder, PreparedText(tokenizer), {.text = "the [MASK]"})).problem.empty(), method);
        }
    }

    void aTokenizerIsLearnedOnce()
    {
        const QTemporaryDir folder;
        qputenv("XDG_CACHE_HOME", folder.path().toUtf8());
        const RunConfig config = configOf("mlm", 16, false);
        const ToyText text;
        const auto first = obtainTokenizer(config.knobs, text);
        const std::filesystem::path cache = tokenizerCache();
        QCOMPARE(std::distance(std::filesystem::directory_iterator(cache), {}), ptrdiff_t(1));
        const std::filesystem::path kept = std::filesystem::directory_iterator(cache)->path();

        // What is read is what is kept: another vocabulary under that name is taken as it is.
        std::ofstream(kept) << toyTokenizer()->toJson().dump();
        QVERIFY(first->pieces() != toyTokenizer()->pieces());
        QCOMPARE(obtainTokenizer(config.knobs, text)->pieces(), toyTokenizer()->pieces());

        std::ofstream(kept) << "{\"pieces\": [";
        QCOMPARE(obtainTokenizer(config.knobs, text)->pieces(), first->pieces()); // a damaged one is learned again
        QCOMPARE(obtainTokenizer(config.knobs, text)->pieces(), first->pieces());

        RunConfig other = config;
        other.knobs.set("tokenizer", std::string("character"));
        QVERIFY(obtainTokenizer(other.knobs, text)->pieces() != first->pieces());
        QCOMPARE(std::distance(std::filesystem::directory_iterator(cache), {}), ptrdiff_t(2));
    }

    void aStoppedTokenizerLeavesNothing()
    {
        const QTemporaryDir folder;
        qputenv("XDG_CACHE_HOME", folder.path().toUtf8());
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!obtainTokenizer(configOf("mlm", 16, false).knobs, ToyText(), {}, stop.get_token()));
        QVERIFY(!std::filesystem::exists(tokenizerCache()));
    }
};

QTEST_APPLESS_MAIN(TestTextRows)
#include "tst_textrows.moc"
