#include "core/ssl/answer.h"

#include "core/data/tokens/rowmaker.h"
#include "core/data/tokens/tokenizer.h"
#include "core/files/said.h"
#include "core/ssl/tokenprediction.h"
#include "core/ssl/tokenviews.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

std::span<const float> rowOf(const std::vector<float> &scores, int64_t row, int64_t columns)
{
    return std::span(scores).subspan(row * columns, columns);
}

/// Scores [T, V] of all positions of one row, or [K, V] of some.
std::vector<float> scoresOf(TextEncoder &encoder, VocabularyHead &head, const TokenInput &input, const std::vector<int32_t> &positions = {})
{
    const NoGrad noGrad;
    const Tensor rows = positions.empty() ? Tensor() : Tensor::fromHost(positions, Shape{static_cast<int64_t>(positions.size())});
    return head.logits(encoder.hidden(input), rows).value().toHost();
}

/// Tokens in the order of their scores; only as many as `sampling` leaves.
std::vector<int32_t> leftToDrawFrom(std::span<const float> scores, const Sampling &sampling)
{
    std::vector<int32_t> order;
    for (int32_t id = 0; id < static_cast<int32_t>(scores.size()); ++id)
        if (mayFollow(id))
            order.push_back(id);
    const size_t kept = sampling.topK > 0 ? std::min<size_t>(sampling.topK, order.size()) : order.size();
    std::partial_sort(order.begin(), order.begin() + kept, order.end(),
                      [&](int32_t a, int32_t b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
    order.resize(kept);
    return order;
}

} // namespace

TokenInput singleRow(std::span<const int32_t> ids, int prefix)
{
    const int64_t length = static_cast<int64_t>(ids.size());
    TokenInput input{.ids = Tensor::fromHost(ids, Shape{1, length}), .lengths = Tensor::fromHost(std::vector{static_cast<int32_t>(length)}, Shape{1})};
    if (prefix > 0)
        input.prefixes = Tensor::fromHost(std::vector{static_cast<int32_t>(prefix)}, Shape{1});
    return input;
}

AskedRow askedRow(const Question &question, const Tokenizer &tokenizer, int context)
{
    AskedRow row;
    const std::vector<int32_t> ids = tokenizer.encodePrompt(question.text);
    if (static_cast<int>(ids.size()) > context - 2) {
        row.problem = said("The sentence has %1 tokens; the context of this encoder has room for %2. Shorten it.",
                           {std::to_string(ids.size()), std::to_string(context - 2)});
        return row;
    }
    row.original = row.given = framed(ids, context);
    for (const int position : question.masked)
        if (position > 0 && position + 1 < static_cast<int>(row.given.size()))
            row.given[position] = kMaskToken;
    return row;
}

Answer answerTo(const Question &question, const AskedRow &row, TextEncoder &encoder, const Tokenizer &tokenizer)
{
    Answer answer{.question = question};
    answer.problem = row.problem;
    if (!row.problem.empty())
        return answer;
    answer.row.text = question.text;
    answer.row.prefix = row.prefix;
    answer.row.original = piecesOf(row.original, tokenizer);
    for (size_t t = 0; t < row.given.size(); ++t)
        answer.row.given.push_back(
            {row.given[t], tokenizer.piece(row.given[t]), row.given[t] == kMaskToken ? TokenAction::masked : TokenAction::kept, static_cast<int>(t)});
    answer.attention = attentionOf(encoder, row.given, row.prefix, tokenizer);
    return answer;
}

Answer fillIn(TextEncoder &encoder, VocabularyHead &head, const Tokenizer &tokenizer, const Question &question)
{
    const AskedRow row = askedRow(question, tokenizer, encoder.options().context);
    Answer answer = answerTo(question, row, encoder, tokenizer);
    std::vector<int32_t> hidden;
    for (size_t t = 0; t < row.given.size(); ++t)
        if (row.given[t] == kMaskToken)
            hidden.push_back(static_cast<int32_t>(t));
    if (hidden.empty())
        return answer;
    const std::vector<float> scores = scoresOf(encoder, head, singleRow(row.given), hidden);
    for (size_t k = 0; k < hidden.size(); ++k) {
        const int32_t truth = row.original[hidden[k]] == kMaskToken ? kNoTarget : row.original[hidden[k]];
        answer.predictions.push_back(predictionFrom(rowOf(scores, k, tokenizer.vocabularySize()), truth, question.candidates, tokenizer));
        answer.predictions.back().position = hidden[k];
    }
    return answer;
}

Answer continuation(TextEncoder &encoder, VocabularyHead &head, const Tokenizer &tokenizer, const Question &question)
{
    AskedRow row = askedRow(question, tokenizer, encoder.options().context);
    if (row.problem.empty())
        row.original.pop_back(); // no [SEP]: the text goes on
    row.given = row.original;
    const int prefix = row.prefix = encoder.visibility() == Visibility::prefix ? static_cast<int>(row.given.size()) : 0;
    Answer answer = answerTo(question, row, encoder, tokenizer);
    if (!answer.problem.empty())
        return answer;

    const int64_t vocabulary = tokenizer.vocabularySize();
    const size_t prompt = row.given.size();
    Random random(question.sampling.seed);
    std::vector<float> scores = scoresOf(encoder, head, singleRow(row.given, prefix));
    for (size_t t = 0; prefix == 0 && t + 1 < prompt; ++t) {
        answer.predictions.push_back(predictionFrom(rowOf(scores, t, vocabulary), row.given[t + 1], question.candidates, tokenizer));
        answer.predictions.back().position = static_cast<int>(t);
    }
    std::vector<int32_t> &ids = row.given;
    for (int i = 0; i < question.sampling.tokens && static_cast<int>(ids.size()) < encoder.options().context; ++i) {
        const std::span<const float> last = rowOf(scores, static_cast<int64_t>(ids.size()) - 1, vocabulary);
        answer.predictions.push_back(predictionFrom(last, kNoTarget, question.candidates, tokenizer));
        answer.predictions.back().position = static_cast<int>(ids.size()) - 1;
        const int32_t next = drawToken(last, question.sampling, random);
        if (next == kSeparate)
            break;
        ids.push_back(next);
        scores = scoresOf(encoder, head, singleRow(ids, prefix));
    }
    answer.continuation = tokenizer.decode(std::span(ids).subspan(prompt));
    answer.rebuilt = piecesOf(std::span(ids).subspan(prompt), tokenizer);
    return answer;
}

int32_t drawToken(std::span<const float> scores, const Sampling &sampling, Random &random)
{
    const std::vector<int32_t> order = leftToDrawFrom(scores, sampling);
    if (sampling.temperature <= 0)
        return order.front();
    std::vector<double> weights;
    double sum = 0;
    for (const int32_t id : order)
        sum += weights.emplace_back(std::exp((double(scores[id]) - scores[order.front()]) / sampling.temperature));
    double nucleus = 0;
    size_t kept = 0;
    while (kept < weights.size() && (kept == 0 || nucleus < sampling.topP * sum)) // the fewest whose share reaches p (Holtzman et al. 2020)
        nucleus += weights[kept++];
    double at = random.uniform() * nucleus;
    for (size_t i = 0; i < kept; ++i)
        if ((at -= weights[i]) < 0)
            return order[i];
    return order[kept - 1];
}

std::vector<uint8_t> visibilityOf(Visibility visibility, int64_t length, int prefix)
{
    std::vector<uint8_t> seen(length * length);
    for (int64_t from = 0; from < length; ++from)
        for (int64_t to = 0; to < length; ++to)
            seen[from * length + to] = visibility == Visibility::full || to <= from || (visibility == Visibility::prefix && to < prefix);
    return seen;
}

AttentionView attentionOf(TextEncoder &encoder, std::span<const int32_t> ids, int prefix, const Tokenizer &tokenizer)
{
    return std::get<AttentionView>(shownAttentionOf(encoder, ids, prefix, tokenizer).now());
}

Shown shownAttentionOf(TextEncoder &encoder, std::span<const int32_t> ids, int prefix, const Tokenizer &tokenizer)
{
    const NoGrad noGrad;
    AttentionView view{.pieces = piecesOf(ids, tokenizer),
                       .layers = encoder.options().layers,
                       .heads = encoder.options().heads,
                       .weights = {},
                       .visible = visibilityOf(encoder.visibility(), static_cast<int64_t>(ids.size()), prefix)};
    std::vector<Tensor> layers;
    for (int layer = 0; layer < view.layers; ++layer)
        layers.push_back(encoder.attention(singleRow(ids, prefix), layer));
    return shownAttention(std::move(view), std::move(layers));
}

Shown shownAttentionOf(Transformer &decoder, const DecoderLook &look, const Tokenizer &tokenizer)
{
    const NoGrad noGrad;
    const int64_t length = static_cast<int64_t>(look.written.size());
    AttentionView view{.pieces = piecesOf(look.written, tokenizer),
                       .layers = decoder.options().layers,
                       .heads = decoder.options().heads,
                       .weights = {},
                       .visible = visibilityOf(Visibility::causal, length, 0)};
    if (look.cross) {
        view.others = piecesOf(look.given, tokenizer);
        view.visible.assign(look.written.size() * look.given.size(), 1);
    }
    const TokenInput input = singleRow(look.written);
    std::vector<Tensor> layers;
    for (int layer = 0; layer < view.layers; ++layer)
        layers.push_back(decoder.attention({.ids = Variable(input.ids), .lengths = input.lengths, .causal = true}, layer, look.memory, look.cross));
    return shownAttention(std::move(view), std::move(layers));
}

Shown shownEmbedded(Transformer &transformer, std::span<const int32_t> ids)
{
    const EmbeddingParts parts = transformer.embeddingParts(Variable(singleRow(ids).ids));
    std::vector<Tensor> read{parts.tokens, parts.positions, parts.given};
    if (parts.types.defined())
        read.push_back(parts.types);
    return Shown(std::move(read), [width = transformer.options().width, count = ids.size()](std::vector<Matrix> read) -> ChannelValue {
        EmbeddedTokens embedded{
            .width = width, .token = std::move(read[0].values), .position = std::move(read[1].values), .type = {}, .given = std::move(read[2].values)};
        embedded.position.resize(embedded.token.size());
        for (size_t t = 0; read.size() > 3 && t < count; ++t)
            embedded.type.insert(embedded.type.end(), read[3].values.begin(), read[3].values.begin() + embedded.width);
        return embedded;
    });
}

} // namespace pretext
