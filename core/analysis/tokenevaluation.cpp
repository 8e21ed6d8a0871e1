#include "core/analysis/tokenevaluation.h"

#include "core/analysis/evaluating.h"
#include "core/data/tokens/rowmaker.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

/// Samples as the run's objective makes rows of them.
class Rows
{
public:
    Rows(const SampleSource &source, const RunConfig &config)
        : m_type(methodType(config.method))
        , m_knobs(config.knobs)
        , m_seed(config.seed)
        , m_maker(m_type.maker(source, config.knobs))
    {
    }
    Batch batch(int64_t first, int64_t count) const
    {
        Batch batch;
        batch.views = viewCount(m_type.views(m_knobs));
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
    KnobSet m_knobs;
    uint64_t m_seed;
    std::unique_ptr<BatchMaker> m_maker;
};

/// Of models that predict the next token, each row: what is given, its targets one place later, as a text whose tokens are predicted.
struct NextTokens
{
    std::vector<int32_t> ids, targets;
};
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
    NgramBaselines counted(train.tokenizer().vocabularySize(), bothSides ? Asked::hidden : Asked::next);
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

/// Where a text was cut to the context, the [SEP] behind the cut is no end that a text has: it is not judged.
void dropCutEnds(Batch &batch, const TokenizedText &texts, int context)
{
    TokenRows &rows = batch.tokens;
    const int64_t length = rows.decoderLength > 0 ? rows.decoderLength : rows.length;
    for (size_t row = 0; row < batch.indices.size(); ++row) {
        const int32_t used = rows.decoderLength > 0 ? rows.decoderLengths[row] : rows.lengths[row];
        if (static_cast<int>(texts.sample(batch.indices[row]).size()) > context - 2)
            rows.targets[row * length + used - 1] = kNoTarget;
    }
}

int64_t predictedIn(const TokenRows &rows)
{
    return static_cast<int64_t>(rows.targets.size()) - std::count(rows.targets.begin(), rows.targets.end(), kNoTarget);
}

constexpr int64_t kTokensAtOnce = 512; // of which each has a score for every token of the vocabulary
static_assert(kPredictedContext <= kTokensAtOnce);

int64_t rowsAtOnce(const RunConfig &config)
{
    return kTokensAtOnce / config.knobs.integer("encoder.context");
}

} // namespace

std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, const std::function<bool(double)> &progress)
{
    const RunConfig config = configToEvaluate(trained.state.config);
    const auto held = std::make_shared<const TokenizedText>(dataset, Split::test, tokenizerOf(*trained.state.prepared));
    const std::shared_ptr<const Dataset> unowned(&dataset, [](const Dataset *) {});
    const Rows rows({unowned, held}, config);
    const TokenRows first = rows.batch(0, 1).tokens;
    if (first.targets.empty())
        return {}; // the method predicts no tokens
    const bool bothSides = textEncoder(*trained.encoder).visibility() == Visibility::full && first.decoderLength == 0;
    const auto train = std::make_shared<const TokenizedText>(dataset, Split::train, tokenizerOf(*trained.state.prepared));
    NgramBaselines counted = countedOn(*train, Rows({unowned, train}, config), bothSides);

    beginEvaluating(trained);
    const NoGrad noGrad;
    double loss = 0;
    int64_t right = 0, tokens = 0;
    const int64_t many = rowsAtOnce(config);
    for (int64_t at = 0; at < held->size(); at += many) {
        if (progress && !progress(double(at) / double(held->size())))
            break;
        Batch batch = rows.batch(at, std::min(many, held->size() - at));
        if (!bothSides)
            dropCutEnds(batch, *held, config.knobs.integer("encoder.context"));
        if (predictedIn(batch.tokens) == 0)
            continue;
        const TargetScore score = scoreOf(trained, batch, config, *train);
        loss += score.loss;
        right += score.right;
        tokens += score.targets;
        judgeCounting(batch.tokens, bothSides, counted);
    }
    if (tokens == 0)
        return {};
    std::vector<TokenScore> scores{{"encoder", tokens, double(right) / double(tokens), std::exp(loss / double(tokens))}};
    for (TokenScore &score : counted.scores())
        if (bothSides || score.name != "right bigram") // who predicts the next token is not shown what follows
            scores.push_back(std::move(score));
    return scores;
}

} // namespace pretext
