#include "core/analysis/incontext.h"

#include "core/analysis/evaluating.h"
#include "core/data/sources/text/operators.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"

#include <algorithm>

namespace pretext {

namespace {

constexpr int64_t kPromptsAtOnce = 50;

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

std::vector<InContextScore> inContextAccuracy(TrainedEncoder &trained, const Dataset &operators, int prompts, const std::function<bool(double)> &progress)
{
    std::vector<InContextScore> scores;
    const TextEncoder &encoder = textEncoder(*trained.encoder);
    if (encoder.visibility() == Visibility::full)
        return scores;
    const Tokenizer &tokenizer = *tokenizerOf(*trained.state.prepared);
    const TokenizedText text(operators, Split::train, tokenizerOf(*trained.state.prepared), 1); // its counts serve channels that nobody reads here
    beginEvaluating(trained);
    const NoGrad noGrad;
    for (int examples = 0; examples <= kMostExamples; ++examples) {
        int64_t right = 0;
        for (int64_t first = 0; first < prompts; first += kPromptsAtOnce) {
            if (progress && !progress((examples + double(first) / prompts) / (kMostExamples + 1)))
                return scores;
            const int64_t count = std::min(kPromptsAtOnce, prompts - first);
            const Batch batch = promptBatch(tokenizer, examples, first, count, encoder.visibility() == Visibility::prefix);
            if (batch.tokens.length > encoder.options().context)
                return scores; // the context has no room for so many examples
            right += scoreOf(trained, batch, configToEvaluate(trained.state.config), text).right;
        }
        scores.push_back({examples, prompts, double(right) / prompts});
    }
    return scores;
}

} // namespace pretext
