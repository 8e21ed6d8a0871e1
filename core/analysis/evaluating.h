// What evaluations that let a method predict held-out rows share.
#pragma once

#include "core/engine/model.h"

namespace pretext {

constexpr int kPredictedContext = 512; // tokens of a row, at most
/// One sample a row, of at most kPredictedContext tokens, all that is to be predicted hidden, and no dropout.
RunConfig configToEvaluate(RunConfig config);
/// Encoder and heads in evaluation mode.
void beginEvaluating(TrainedEncoder &trained);
/// How the batch's targets are predicted. The method predicts tokens; `text` has its tokenizer.
TargetScore scoreOf(const TrainedEncoder &trained, const Batch &batch, const RunConfig &config, const TokenizedText &text);

} // namespace pretext
