// Bringing the parts that a batch has onto the device: each kind of data brings those that it makes.
#pragma once

#include "core/ssl/method.h"

namespace pretext {

/// input.views, of each kind by itself, of batch.pixels; or as the device makes them.
void uploadViews(StepInput &input);
/// input.tokens and input.text, of batch.tokens; `step` keys the dropout.
void uploadTokens(StepInput &input, int64_t step, const TokenizedText &text);

} // namespace pretext
