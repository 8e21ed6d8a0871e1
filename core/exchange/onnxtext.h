// The ONNX export of a text encoder: rows of ids in, an embedding of each row and the hidden states out.
#pragma once

#include "core/exchange/export.h"
#include "core/nn/textencoder.h"

namespace pretext {

/// Inputs "input_ids" and "attention_mask", i64 [batch, sequence]; outputs "embedding" [batch, D], the mean over what the mask counts, and
/// "last_hidden_state". The metadata hold the tokenizer as a tokenizer.json. Run by our own reader, since OpenCV cannot look up rows by ids, and
/// compared on the first held-out texts.
ExportReport exportTextOnnx(TextEncoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out,
                            const Written &written = {});

} // namespace pretext
