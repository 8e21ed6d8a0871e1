// How well a language model predicts the tokens of held-out texts, beside what counting predicts at the same places.
#pragma once

#include "core/analysis/evaluating.h"
#include "core/analysis/ngram.h"
#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

/// The encoder's score, then those of counting. Held-out texts, one a row, of at most kPredictedContext tokens, corrupted as the run's objective
/// does; but of a masked language model 15 % are to be predicted and all of those hidden, whatever it was trained with, so that runs compare.
/// Counting reads all of the training split given. Empty where the method predicts no tokens. `progress` cancels by returning false.
std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, const std::function<bool(double)> &progress = {});

} // namespace pretext
