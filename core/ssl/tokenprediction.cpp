#include "core/ssl/tokenprediction.h"

#include "core/backend/backend.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenviews.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

constexpr int64_t kShown = 128; // predicted positions with candidates
constexpr int kCandidates = 5;
constexpr int kPositionsInBin = 8;
constexpr float kFading = 0.98f; // a step ago weighs so much less

std::vector<std::string> positionNames(int context)
{
    std::vector<std::string> names;
    for (int first = 0; first < context; first += kPositionsInBin)
        names.push_back(std::to_string(first) + "–" + std::to_string(std::min(first + kPositionsInBin, context) - 1));
    return names;
}

/// Powers of ten between "1 in 10 tokens" and rarer than "1 in 100 000".
const std::vector<std::string> kFrequencyNames = {"1 in 10", "1 in 100", "1 in 1 000", "1 in 10 000", "rarer"};

size_t frequencyBin(int64_t count, int64_t all)
{
    int64_t seldom = 10;
    for (size_t bin = 0; bin + 1 < kFrequencyNames.size(); ++bin, seldom *= 10)
        if (count * seldom >= all)
            return bin;
    return kFrequencyNames.size() - 1;
}

/// The first rows of a matrix.
Tensor firstRows(const Tensor &x, int64_t limit)
{
    Tensor first(Shape{std::min(limit, x.shape()[0]), x.shape()[1]}, DType::f32, x.device());
    backendOf(x).slice(x, {}, first);
    return first;
}

std::span<const float> rowOf(const Matrix &matrix, int64_t row)
{
    return std::span(matrix.values).subspan(row * matrix.columns, matrix.columns);
}

/// Nothing scores higher. Counting all that do is a loop that vectorises; this looks at millions of scores in a step.
bool isBest(std::span<const float> scores, int32_t id)
{
    int32_t above = 0;
    for (const float score : scores)
        above += score > scores[id];
    return above == 0;
}

} // namespace

TiedHead::TiedHead(const TextEncoder &encoder, bool transform, Random &random)
    : vocabulary(addModule("vocabulary", std::make_unique<VocabularyHead>(encoder.options(), encoder.tokenTable(), transform, random)))
{
}

void offerByRow(const StepInput &input, const std::string &group, const std::function<Shown(int64_t row)> &make)
{
    const auto offer = [&](const std::string &channel, int64_t row) { input.recorder.heavy(channel, [make, row] { return make(row); }); };
    offer(group, 0);
    for (int64_t row = 0; row < std::min<int64_t>(kRowsShown, static_cast<int64_t>(input.batch.tokens.lengths.size())); ++row)
        offer(group + "/" + std::to_string(row), row);
    for (size_t row = 0; row < input.batch.indices.size(); ++row)
        offer(group + "/sample/" + std::to_string(input.batch.indices[row]), int64_t(row));
}

void recordAttention(TextEncoder &encoder, const StepInput &input)
{
    offerByRow(input, "tokens/attention", [&encoder, &rows = input.batch.tokens, &tokenizer = input.text->tokenizer()](int64_t row) {
        return shownAttentionOf(encoder, rows.given(row), rows.prefixes.empty() ? 0 : rows.prefixes[row], tokenizer);
    });
}

void recordEmbedded(Transformer &transformer, const StepInput &input)
{
    offerByRow(input, "tokens/embedded", [&transformer, &rows = input.batch.tokens](int64_t row) {
        return shownEmbedded(transformer, rows.decoderLength > 0 ? rows.decoderGiven(row) : rows.given(row));
    });
}

Recipe textRecipe(const DatasetInfo &info, std::vector<std::pair<std::string, KnobValue>> more)
{
    Recipe recipe{.encoder = "transformer",
                  .batch = info.batch > 0 ? info.batch : 64,
                  .knobs = {{"optimizer", std::string("adamw")}, {"learning_rate", 2e-3}, {"warmup", 0.1}, {"weight_decay", 0.01}}};
    if (!info.tokenizer.empty())
        recipe.knobs.emplace_back("tokenizer", info.tokenizer);
    if (info.vocabulary > 0)
        recipe.knobs.emplace_back("tokenizer.vocabulary", double(info.vocabulary));
    for (const auto &knobs : {more, info.knobs})
        recipe.knobs.insert(recipe.knobs.end(), knobs.begin(), knobs.end());
    return recipe;
}

RunningBins::RunningBins(std::vector<std::string> names) : m_names(std::move(names)), m_right(m_names.size()), m_count(m_names.size())
{
}

void RunningBins::fade()
{
    for (size_t bin = 0; bin < m_names.size(); ++bin) {
        m_right[bin] *= kFading;
        m_count[bin] *= kFading;
    }
}

void RunningBins::add(size_t bin, bool right)
{
    bin = std::min(bin, m_names.size() - 1);
    m_right[bin] += right;
    ++m_count[bin];
}

AccuracyBins RunningBins::bins() const
{
    AccuracyBins bins{m_names, m_right, m_count};
    for (size_t bin = 0; bin < m_names.size(); ++bin)
        bins.accuracy[bin] = m_count[bin] > 0 ? m_right[bin] / m_count[bin] : 0;
    return bins;
}

TokenPredictor::TokenPredictor(VocabularyHead &head, std::string accuracy, int context)
    : m_head(head)
    , m_accuracy(std::move(accuracy))
    , m_byPosition(positionNames(context))
    , m_byFrequency(kFrequencyNames)
{
}

TokenPredictor::Predicted TokenPredictor::predictedOf(const TokenRows &rows)
{
    Predicted predicted;
    for (size_t i = 0; i < rows.targets.size(); ++i)
        if (rows.targets[i] != kNoTarget) {
            predicted.rows.push_back(static_cast<int32_t>(i));
            predicted.targets.push_back(rows.targets[i]);
        }
    if (predicted.rows.empty()) { // a batch in which chance chose no token: a loss of zero, without gradient
        predicted.rows.push_back(0);
        predicted.targets.push_back(kNoTarget);
    }
    return predicted;
}

Variable TokenPredictor::loss(const Variable &hidden, const StepInput &input)
{
    const auto predicted = std::make_shared<const Predicted>(predictedOf(input.batch.tokens));
    const int64_t count = static_cast<int64_t>(predicted->rows.size());
    const Variable logits = m_head.logits(hidden, Tensor::fromHost(predicted->rows, Shape{count}));
    const Variable loss = crossEntropy(logits, Tensor::fromHost(predicted->targets, Shape{count}));
    input.recorder.read({firstRows(logits.value(), kPositionsLookedAt), loss.value()},
                        [this, predicted, length = hidden.shape()[1], &text = *input.text, &recorder = input.recorder](std::vector<Matrix> read) {
                            record(std::make_shared<const Matrix>(std::move(read[0])), predicted, length, read[1].values[0], text, recorder);
                        });
    return loss;
}

TargetScore TokenPredictor::score(const Variable &hidden, const TokenRows &rows) const
{
    const Predicted predicted = predictedOf(rows);
    const int64_t count = static_cast<int64_t>(predicted.rows.size());
    const Variable logits = m_head.logits(hidden, Tensor::fromHost(predicted.rows, Shape{count}));
    const Matrix scores{count, logits.shape()[1], firstRows(logits.value(), count).toHost()};
    TargetScore score;
    for (int64_t k = 0; k < count; ++k) {
        score.targets += predicted.targets[k] != kNoTarget;
        score.right += predicted.targets[k] != kNoTarget && isBest(rowOf(scores, k), predicted.targets[k]);
    }
    score.loss = double(score.targets) * crossEntropy(logits, Tensor::fromHost(predicted.targets, Shape{count})).value().item();
    return score;
}

void TokenPredictor::record(const std::shared_ptr<const Matrix> &scores, const std::shared_ptr<const Predicted> &predicted, int64_t length, double loss,
                            const TokenizedText &text, Recorder &recorder)
{
    const std::vector<int64_t> &counts = text.counts();
    m_byPosition.fade();
    m_byFrequency.fade();
    int64_t right = 0;
    for (int64_t k = 0; k < scores->rows; ++k) {
        const int32_t target = predicted->targets[k];
        if (target == kNoTarget)
            continue;
        const bool hit = isBest(rowOf(*scores, k), target);
        right += hit;
        m_byPosition.add(predicted->rows[k] % length / kPositionsInBin, hit);
        m_byFrequency.add(frequencyBin(counts[target], text.tokenCount()), hit);
    }
    recorder.scalar(m_accuracy, double(right) / double(scores->rows));
    recorder.scalar("perplexity", std::exp(loss));
    recorder.heavy("tokens/positions", [bins = m_byPosition] { return bins.bins(); });
    recorder.heavy("tokens/frequencies", [bins = m_byFrequency] { return bins.bins(); });
    recorder.heavy("tokens/predictions", [scores, predicted, length, &tokenizer = text.tokenizer()] {
        TokenPredictions predictions;
        for (int64_t k = 0; k < std::min(kShown, scores->rows); ++k) {
            if (predicted->targets[k] == kNoTarget)
                continue;
            predictions.push_back(predictionFrom(rowOf(*scores, k), predicted->targets[k], kCandidates, tokenizer));
            predictions.back().row = static_cast<int>(predicted->rows[k] / length);
            predictions.back().position = static_cast<int>(predicted->rows[k] % length);
        }
        return predictions;
    });
}

OwnRowMethod::OwnRowMethod(TextEncoder &encoder, Visibility visibility, bool transform, const std::string &accuracy, Random &random)
    : m_heads(encoder, transform, random)
    , m_predictor(m_heads.vocabulary, accuracy, encoder.options().context)
{
    encoder.setVisibility(visibility);
}

Variable OwnRowMethod::loss(Encoder &encoder, const StepInput &input)
{
    TextEncoder &text = textEncoder(encoder);
    recordAttention(text, input);
    recordEmbedded(text.transformer(), input);
    return m_predictor.loss(text.hidden(input.tokens), input);
}

std::optional<TargetScore> OwnRowMethod::score(Encoder &encoder, const StepInput &input)
{
    return m_predictor.score(textEncoder(encoder).hidden(input.tokens), input.batch.tokens);
}

TokenPrediction predictionFrom(std::span<const float> scores, int32_t truth, int count, const Tokenizer &tokenizer)
{
    const float largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (const float score : scores)
        sum += std::exp(double(score) - largest);
    const auto probability = [&](int32_t id) { return static_cast<float>(std::exp(double(scores[id]) - largest) / sum); };

    TokenPrediction prediction;
    std::vector<int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + std::min<size_t>(count, order.size());
    std::partial_sort(order.begin(), end, order.end(), [&](int32_t a, int32_t b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
    for (auto id = order.begin(); id != end; ++id)
        prediction.candidates.push_back({tokenizer.piece(*id), probability(*id)});
    if (truth < 0)
        return prediction;
    prediction.truth = tokenizer.piece(truth);
    prediction.probability = probability(truth);
    prediction.loss = static_cast<float>(std::log(sum) + largest - scores[truth]);
    prediction.rank = static_cast<int>(std::count_if(scores.begin(), scores.end(), [&](float score) { return score > scores[truth]; }));
    return prediction;
}

} // namespace pretext
