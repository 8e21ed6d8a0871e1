// A batch's rows of tokens as the window shows them: pieces in place of ids.
#pragma once

#include "core/channels/tokens.h"
#include "core/data/batch.h"
#include "core/data/dataset.h"

#include <span>

namespace pretext {

class Tokenizer;

constexpr int64_t kRowsShown = 64;

/// At most `limit` rows, the first ones.
TokenRowViews viewRows(const Batch &batch, const Dataset &dataset, const Tokenizer &tokenizer, int64_t limit = kRowsShown);
std::vector<std::string> piecesOf(std::span<const int32_t> ids, const Tokenizer &tokenizer);

} // namespace pretext
