// Rows of tokens as a batch holds them: what the encoder sees, what it has to predict, and the record of what was done to each token.
// R rows (all first views, then all second), T positions; ids are the tokenizer's, rows end in padding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pretext {

constexpr int32_t kPadding = 0;   // the id of [PAD] in every vocabulary
constexpr int32_t kNoTarget = -1; // a position at which nothing is predicted; the cross-entropy ignores it

/// What became of a token.
enum class TokenAction : uint8_t {
    kept,      // not chosen
    masked,    // replaced by [MASK]; of a span: the one [MASK] that stands for all of it
    replaced,  // by another token
    unchanged, // chosen to be predicted, but left as it is (the last tenth of 80/10/10)
    inserted,  // not in the original
    moved,     // stands elsewhere in the original
};

/// What was done to one row: enough to draw the original above it, token by token. Deleted tokens are those of `original` that no `source` names.
struct TokenRecord
{
    std::vector<int32_t> original;    // the sample's ids before corruption, special tokens included
    std::vector<int32_t> source;      // of each id given to the encoder: its position in `original`, -1 of one inserted
    std::vector<TokenAction> actions; // of each id given to the encoder
};

struct TokenRows
{
    int64_t length = 0;                  // T: the longest row's, at most the context
    std::vector<int32_t> ids;            // [R, T], padded with kPadding
    std::vector<int32_t> lengths;        // [R] tokens before the padding
    std::vector<int32_t> prefixes;       // [R] tokens that every position may see, of a prefix language model; else empty
    std::vector<int32_t> targets;        // [R, T], or [R, decoderLength] where there is a decoder: the token to be predicted there, or kNoTarget;
                                         // empty where none is
    int64_t decoderLength = 0;           // of an encoder-decoder; 0: there is no decoder
    std::vector<int32_t> decoderIds;     // [R, decoderLength]: the targets, one later
    std::vector<int32_t> decoderLengths; // [R]
    std::vector<TokenRecord> records;    // [R]

    /// A row without its padding.
    std::span<const int32_t> given(int64_t row) const { return std::span(ids).subspan(size_t(row * length), size_t(lengths[size_t(row)])); }
    std::span<const int32_t> decoderGiven(int64_t row) const
    {
        return std::span(decoderIds).subspan(size_t(row * decoderLength), size_t(decoderLengths[size_t(row)]));
    }
};

} // namespace pretext
