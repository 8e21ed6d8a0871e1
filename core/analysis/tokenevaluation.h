// How well a language model predicts the tokens of held-out texts, beside what counting predicts at the same places.
#pragma once

#include "core/analysis/ngram.h"
#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

/// The encoder's score, then those of counting. Held-out texts, one a row, of at most kPredictedContext tokens, corrupted as the run's objective
/// does, but for the masked language model's 80/10/10: all that is to be predicted is hidden. Counting reads all of the training split given.
/// Empty where the method predicts no tokens. `progress` cancels by returning false.
constexpr int kPredictedContext = 512;
std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, const std::function<bool(double)> &progress = {});

/// In-context learning on the operators: share of held-out prompts that are answered rightly.
struct InContextScore { int examples = 0, prompts = 0; double accuracy = 0; };
constexpr double kInContextChance = 0.1; // whatever the pair, every digit is right for two operators of twenty

/// After 0, 1, ... examples, as many as the context holds: the most probable token after "A:" of all tokens is the answer. Every prompt asks
/// for a combination of operator and pair that is in no training document. For methods that continue a text; of others empty.
std::vector<InContextScore> inContextAccuracy(TrainedEncoder &trained, const Dataset &operators, int prompts,
                                              const std::function<bool(double)> &progress = {});

} // namespace pretext
