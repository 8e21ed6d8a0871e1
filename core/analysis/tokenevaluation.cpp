#include "core/analysis/tokenevaluation.h"

#include "core/data/text/operators.h"
#include "core/data/text/tokenizedtext.h"
#include "core/data/text/tokenizer.h"
#include "core/data/text/rowmaker.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace pretext {

namespace {

constexpr int64_t kPromptsAtOnce = 50;

/// Keeps the scalars.
class Scalars : public Recorder
{
public:
    void scalar(const std::string &channel, double value) override { values[channel] = value; }
    void heavy(const std::string &, std::function<ChannelValue()>) override {}
    /// The one that begins so: "accuracy/masked" of "accuracy/".
    double beginning(const std::string &prefix) const
    {
        const auto found = values.lower_bound(prefix);
        return found != values.end() && found->first.starts_with(prefix) ? found->second : 0;
    }
    std::map<std::string, double> values;
};

/// Samples as the run's objective makes rows of them.
class Rows
{
public:
    Rows(const SampleSource &source, const RunConfig &config)
        : m_type(methodType(config.method)), m_seed(config.seed), m_maker(m_type.maker(source, config.knobs))
    {
    }
    Batch batch(int64_t first, int64_t count) const
    {
        Batch batch;
        batch.views = m_type.views;
        batch.indices.resize(count);
        std::iota(batch.indices.begin(), batch.indices.end(), first);
        m_maker->begin(batch);
        for (int64_t i = 0; i < count; ++i)
            m_maker->make(batch, m_seed, i);
        m_maker->finish(batch);
        return batch;
    }

private:
    const MethodType &m_type;
    uint64_t m_seed;
    std::unique_ptr<BatchMaker> m_maker;
};

/// Of models that predict the next token, each row: what is given, its targets one place later, as a text whose tokens are predicted.
struct NextTokens { std::vector<int32_t> ids, targets; };
NextTokens nextTokens(const TokenRows &rows, size_t row)
{
    const bool decoder = rows.decoderLength > 0;
    const int64_t length = decoder ? rows.decoderLength : rows.length, used = decoder ? rows.decoderLengths[row] : rows.lengths[row];
    const auto given = std::span(decoder ? rows.decoderIds : rows.ids).subspan(row * length, used);
    const auto targets = std::span(rows.targets).subspan(row * length, used);
    NextTokens next{{given.begin(), given.end()}, {kNoTarget}};
    next.ids.push_back(targets.back());
    next.targets.insert(next.targets.end(), targets.begin(), targets.end());
    return next;
}

/// What a decoder has to write need not be the sample, so that it is counted as it is made.
NgramBaselines countedOn(const TokenizedText &train, const Rows &made, bool bothSides)
{
    NgramBaselines counted(train.tokenizer().vocabularySize(), !bothSides);
    const bool decoder = train.size() > 0 && made.batch(0, 1).tokens.decoderLength > 0;
    for (int64_t i = 0; i < train.size(); ++i) {
        if (decoder)
            counted.count(nextTokens(made.batch(i, 1).tokens, 0).ids);
        else
            counted.count(train.sample(i));
    }
    return counted;
}

/// Lets counting predict what the model has to: the same places of the same texts.
void judgeCounting(const TokenRows &rows, bool bothSides, NgramBaselines &counted)
{
    for (size_t row = 0; row < rows.lengths.size(); ++row) {
        if (bothSides) {
            counted.judge(rows.records[row].original, std::span(rows.targets).subspan(row * rows.length, rows.lengths[row]));
            continue;
        }
        const NextTokens next = nextTokens(rows, row);
        counted.judge(next.ids, next.targets);
    }
}

int64_t predictedIn(const TokenRows &rows)
{
    return static_cast<int64_t>(rows.targets.size()) - std::count(rows.targets.begin(), rows.targets.end(), kNoTarget);
}

RunConfig evaluationConfig(RunConfig config)
{
    for (const auto &[knob, value] : std::vector<std::pair<std::string, KnobValue>>{
             {"pack", false}, {"mask.hidden", 1.0}, {"mask.replaced", 0.0}, {"encoder.dropout", 0.0}})
        if (config.knobs.find(knob))
            config.knobs.set(knob, value);
    config.knobs.set("encoder.context", std::min<double>(config.knobs.integer("encoder.context"), kPredictedContext));
    return config;
}

/// So many that the accuracy that a method records is of all tokens of a batch.
int64_t rowsAtOnce(const RunConfig &config)
{
    static_assert(kPredictedContext <= kLookedAt);
    return kLookedAt / config.knobs.integer("encoder.context");
}

void setTraining(TrainedEncoder &trained, bool training)
{
    trained.encoder->setTraining(training);
    trained.method->heads().setTraining(training);
}

/// Prompts with their answers; the last token, the answer's digit, is all that is to be predicted.
Batch promptBatch(const Tokenizer &tokenizer, int examples, int64_t first, int64_t count, bool prefix)
{
    std::vector<std::vector<int32_t>> texts;
    Batch batch;
    batch.views = 1;
    for (int64_t i = 0; i < count; ++i) {
        const OperatorPrompt prompt = operatorPrompt(examples, first + i);
        std::vector<int32_t> ids = tokenizer.encode(prompt.text + " " + prompt.answer);
        ids.insert(ids.begin(), kClassify);
        texts.push_back(std::move(ids));
        batch.indices.push_back(i);
    }
    TokenRows &rows = batch.tokens;
    for (const std::vector<int32_t> &text : texts)
        rows.length = std::max<int64_t>(rows.length, static_cast<int64_t>(text.size()) - 1);
    rows.ids.assign(count * rows.length, kPadding);
    rows.targets.assign(count * rows.length, kNoTarget);
    for (int64_t row = 0; row < count; ++row) {
        const int32_t length = static_cast<int32_t>(texts[row].size()) - 1;
        std::copy_n(texts[row].begin(), length, rows.ids.begin() + row * rows.length);
        rows.targets[row * rows.length + length - 1] = texts[row].back();
        rows.lengths.push_back(length);
        if (prefix)
            rows.prefixes.push_back(length);
    }
    return batch;
}

} // namespace

std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, const std::function<bool(double)> &progress)
{
    const RunConfig config = evaluationConfig(trained.state.config);
    const auto held = std::make_shared<const TokenizedText>(dataset, Split::test, trained.state.tokenizer);
    const std::shared_ptr<const Dataset> unowned(&dataset, [](const Dataset *) {});
    const Rows rows({unowned, held}, config);
    const TokenRows first = rows.batch(0, 1).tokens;
    if (first.targets.empty())
        return {}; // the method predicts no tokens
    const bool bothSides = textEncoder(*trained.encoder).visibility() == Visibility::full && first.decoderLength == 0;
    const auto train = std::make_shared<const TokenizedText>(dataset, Split::train, trained.state.tokenizer);
    NgramBaselines counted = countedOn(*train, Rows({unowned, train}, config), bothSides);

    setTraining(trained, false);
    const NoGrad noGrad;
    double loss = 0, right = 0;
    int64_t tokens = 0;
    const int64_t many = rowsAtOnce(config);
    for (int64_t at = 0; at < held->size(); at += many) {
        if (progress && !progress(double(at) / double(held->size())))
            break;
        const Batch batch = rows.batch(at, std::min(many, held->size() - at));
        const int64_t predicted = predictedIn(batch.tokens);
        if (predicted == 0)
            continue;
        Scalars scalars;
        loss += double(predicted) * trained.method->loss(*trained.encoder, stepInput(batch, config, 0, train.get(), scalars)).value().item();
        right += double(predicted) * scalars.beginning("accuracy/");
        judgeCounting(batch.tokens, bothSides, counted);
        tokens += predicted;
    }
    if (tokens == 0)
        return {};
    std::vector<TokenScore> scores{{"encoder", tokens, right / double(tokens), std::exp(loss / double(tokens))}};
    for (TokenScore &score : counted.scores())
        if (bothSides || score.name != "right bigram") // who predicts the next token is not shown what follows
            scores.push_back(std::move(score));
    return scores;
}

std::vector<InContextScore> inContextAccuracy(TrainedEncoder &trained, const Dataset &operators, int prompts, const std::function<bool(double)> &progress)
{
    std::vector<InContextScore> scores;
    const TextEncoder &encoder = textEncoder(*trained.encoder);
    if (encoder.visibility() == Visibility::full)
        return scores;
    const Tokenizer &tokenizer = *trained.state.tokenizer;
    const TokenizedText text(operators, Split::train, trained.state.tokenizer, 1); // its counts serve channels that nobody reads here
    setTraining(trained, false);
    const NoGrad noGrad;
    for (int examples = 0; examples <= kMostExamples; ++examples) {
        double right = 0;
        for (int64_t first = 0; first < prompts; first += kPromptsAtOnce) {
            if (progress && !progress((examples + double(first) / prompts) / (kMostExamples + 1)))
                return scores;
            const int64_t count = std::min(kPromptsAtOnce, prompts - first);
            const Batch batch = promptBatch(tokenizer, examples, first, count, encoder.visibility() == Visibility::prefix);
            if (batch.tokens.length > encoder.context())
                return scores; // the context has no room for so many examples
            Scalars scalars;
            trained.method->loss(*trained.encoder, stepInput(batch, evaluationConfig(trained.state.config), 0, &text, scalars));
            right += double(count) * scalars.beginning("accuracy/");
        }
        scores.push_back({examples, prompts, right / prompts});
    }
    return scores;
}

} // namespace pretext
