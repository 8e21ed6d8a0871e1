// An encoder's embeddings of texts.
#pragma once

#include "core/data/dataset.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/model.h"
#include "core/nn/textencoder.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace pretext {

/// Texts as rows of ids between [CLS] and [SEP], each cut to the encoder's context.
using EncodedTexts = std::vector<std::vector<int32_t>>;
EncodedTexts encodeTexts(const Tokenizer &tokenizer, const Dataset &dataset, Split split, int context);
/// Some of them as a batch, padded to the longest.
TokenInput paddedRows(const EncodedTexts &texts, std::span<const size_t> rows);

/// Embeddings [n, D] of samples [0, limit) of a split (limit 0: all), each cut to the encoder's context, in evaluation mode. `progress` is
/// told the share done and cancels by returning false.
Matrix embedTexts(TextEncoder &encoder, const Tokenizer &tokenizer, const Dataset &dataset, Split split, int64_t limit = 0,
                  const std::function<bool(double)> &progress = {});

/// The same of given texts.
Matrix embedTexts(TextEncoder &encoder, const Tokenizer &tokenizer, const std::vector<std::string> &texts);

/// Embeddings of the first `count` held-out samples as the run's method would make two views of them: twice, with the run's dropout in force and
/// another mask each time, corrupted as its second view's maker does.
std::pair<Matrix, Matrix> twoTextViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count);

} // namespace pretext
