// A batch's rows of tokens as the window shows them: pieces in place of ids.
#pragma once

#include "core/channels/recorder.h"
#include "core/channels/tokens.h"
#include "core/data/batch.h"

#include <memory>
#include <span>

namespace pretext {

class Tokenizer;

constexpr int64_t kRowsShown = 64;

/// At most `limit` rows, the first ones.
TokenRowViews viewRows(const Batch &batch, const Tokenizer &tokenizer, int64_t limit = kRowsShown);
std::vector<std::string> piecesOf(std::span<const int32_t> ids, const Tokenizer &tokenizer);

/// Offers tokens/rows: of one view of a sample the first rows, of several all, since views are compared with each other. The batch outlives the offer.
void offerTokenRows(const Batch &batch, const std::shared_ptr<const Tokenizer> &tokenizer, Recorder &recorder);

} // namespace pretext
