#include "core/ssl/tokenviews.h"

#include "core/data/dataset.h"
#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <limits>

namespace pretext {

namespace {

TokenRowView viewRow(const TokenRows &rows, int64_t row, const Tokenizer &tokenizer)
{
    TokenRowView view;
    const TokenRecord &record = rows.records[row];
    view.original = piecesOf(record.original, tokenizer);
    for (int32_t t = 0; t < rows.lengths[row]; ++t) {
        const int32_t id = rows.ids[row * rows.length + t];
        view.given.push_back({id, tokenizer.piece(id), record.actions[t], record.source[t]});
    }
    if (rows.decoderLength > 0)
        view.decoder = piecesOf(std::span(rows.decoderIds).subspan(row * rows.decoderLength, rows.decoderLengths[row]), tokenizer);
    if (!rows.targets.empty()) {
        const int64_t length = rows.decoderLength > 0 ? rows.decoderLength : rows.length;
        const int32_t used = rows.decoderLength > 0 ? rows.decoderLengths[row] : rows.lengths[row];
        view.targets = piecesOf(std::span(rows.targets).subspan(row * length, used), tokenizer);
    }
    view.prefix = rows.prefixes.empty() ? 0 : rows.prefixes[row];
    return view;
}

} // namespace

std::vector<std::string> piecesOf(std::span<const int32_t> ids, const Tokenizer &tokenizer)
{
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const int32_t id : ids)
        pieces.push_back(id < 0 ? std::string() : tokenizer.piece(id));
    return pieces;
}

TokenRowViews viewRows(const Batch &batch, const Tokenizer &tokenizer, int64_t limit)
{
    const int64_t n = static_cast<int64_t>(batch.indices.size());
    TokenRowViews views;
    for (int64_t row = 0; row < std::min<int64_t>(limit, static_cast<int64_t>(batch.tokens.lengths.size())); ++row) {
        views.push_back(viewRow(batch.tokens, row, tokenizer));
        views.back().sample = batch.indices[row % n];
        views.back().text = batch.texts->text(Split::train, batch.indices[row % n]);
    }
    return views;
}

void offerTokenRows(const Batch &batch, const std::shared_ptr<const Tokenizer> &tokenizer, Recorder &recorder)
{
    const int64_t limit = batch.views > 1 ? std::numeric_limits<int64_t>::max() : kRowsShown;
    recorder.heavy("tokens/rows", [&batch, tokenizer, limit] { return viewRows(batch, *tokenizer, limit); });
}

} // namespace pretext
