// How well a language model predicts the tokens of held-out texts, beside what counting predicts at the same places.
#pragma once

#include "core/analysis/ngram.h"
#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

/// The encoder's score, then those of counting. Held-out texts [0, limit), one a row, corrupted as the run's objective does, but for the masked language model's 80/10/10: all that is to be
/// predicted is hidden. Empty where the method predicts no tokens. `progress` cancels by returning false.
std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, int64_t limit, const std::function<bool(double)> &progress = {});

/// In-context learning on the operators: share of held-out prompts that are answered rightly, after 0, 1, ... examples.
std::vector<double> inContextAccuracy(TrainedEncoder &trained, int prompts, const std::function<bool(double)> &progress = {});

} // namespace pretext
