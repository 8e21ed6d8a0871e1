#include "core/analysis/evaluatetext.h"

#include "core/analysis/spread.h"
#include "core/analysis/textfeatures.h"
#include "core/data/sources/text/operators.h"
#include "core/data/tokens/preparedtext.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

void describePrediction(TrainedEncoder &trained, const Dataset &whole, Judge &judge, Evaluation &result)
{
    constexpr int64_t kCounted = 30000, kPredicted = 2000; // texts
    constexpr int kPrompts = 500;
    result.tokens = scoreTokens(trained, *spreadSubset(whole, kCounted, kPredicted), judge.working(said("encoder: predicting tokens")));
    judge.stopIfCancelled();
    judge.tell();
    if (whole.info().name != "operators")
        return;
    result.inContext = inContextAccuracy(trained, whole, kPrompts, judge.working(said("encoder: answering prompts")));
    judge.stopIfCancelled();
    if (!result.inContext.empty() && result.inContext.back().examples < kMostExamples)
        result.notes.push_back(
            said(result.inContext.back().examples == 1
                     ? PRETEXT_SAID("The context of %1 tokens has no room for more than 1 example in a prompt; a larger encoder.context has.")
                     : PRETEXT_SAID("The context of %1 tokens has no room for more than %2 examples in a prompt; a larger encoder.context has."),
                 {std::to_string(textEncoder(*trained.encoder).options().context), std::to_string(result.inContext.back().examples)}));
}

void describeRetrieval(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result)
{
    if (dataset.info().name != "kjv")
        return;
    try {
        result.retrieval = retrieveVerses(trained, dataset, baselines, judge.working(said("retrieving verses in another translation")));
        judge.tell();
    } catch (const std::invalid_argument &error) { // the other translation is not installed
        result.notes.push_back(error.what());
    }
    judge.stopIfCancelled();
}

EncodedRows textRows(const TrainedEncoder &trained, const Dataset &dataset, Split split)
{
    EncodedTexts texts = encodeTexts(*tokenizerOf(*trained.state.prepared), dataset, split, textEncoder(*trained.encoder).options().context);
    const size_t count = texts.size();
    const auto embed = [texts = std::move(texts), seed = trained.state.config.seed,
                        dropout = float(trained.state.config.knobs.real("encoder.dropout"))](Encoder &encoder, const std::vector<size_t> &rows, int step) {
        TokenInput input = paddedRows(texts, rows);
        input.seed = seed;
        input.step = step;
        input.dropout = dropout;
        return textEncoder(encoder).sentences(input);
    };
    return {count, embed};
}

void describeTextFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result)
{
    describeFinetuning(trained, textRows(trained, dataset, Split::train), textRows(trained, dataset, Split::test), {.steps = steps}, judge, result);
    for (const FinetuneRow &row : result.finetuned)
        if (row.start == "supervised")
            result.rows.push_back({row.start, trained.encoder->dimension(), row.column, -1, row.accuracy.back(), -2});
    judge.tell();
}

} // namespace pretext
