// What an evaluation says of encoders of text only.
#pragma once

#include "core/analysis/judge.h"

namespace pretext {

/// Of methods that predict tokens, `whole` being all of the data: beside counting, and on the operators after examples in the prompt.
void describePrediction(TrainedEncoder &trained, const Dataset &whole, Judge &judge, Evaluation &result);
/// Of the King James Bible: its verses in another translation.
void describeRetrieval(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result);
/// A split's texts as the encoder maps them.
EncodedRows textRows(const TrainedEncoder &trained, const Dataset &dataset, Split split);
/// Every label column from both starts; with all labels, the second is the same encoder supervised.
void describeTextFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result);

} // namespace pretext
