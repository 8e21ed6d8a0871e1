// What is done to a row of tokens before a model sees it: masking (BERT) and a prefix's split; noise (BART) and augmentation (SimCSE's kin) are
// tables, textnoise.h and textaugmentation.h.
// Pure functions of their arguments: the generator comes by value, keyed by (seed, epoch, sample, view), so that a batch can be made again.
// [CLS], [SEP] and [PAD] are never chosen; they stay at the ends, where they belong. "Share of the tokens" is of the others.
#pragma once

#include "core/data/tokens.h"
#include "core/tensor/random.h"

#include <span>
#include <string>

namespace pretext {

/// A row as the tokenizer sees it; `words` and `sentences` are Tokenizer::words() and sentences() of `ids`.
struct TokenSequence
{
    std::span<const int32_t> ids;
    std::span<const int32_t> words;     // needed by whole words, spans and augmentation
    std::span<const int32_t> sentences; // needed by the permutation of sentences
    int32_t vocabulary = 0;             // ids drawn at random are below it and no special token
};

struct Corruption
{
    std::vector<int32_t> ids;     // what the encoder sees
    std::vector<int32_t> targets; // masking: of each of `ids` the token to be predicted there, or kNoTarget; noise: the row a decoder writes,
                                  // which is the original, or with sentinels what is hidden of it
    TokenRecord record;
};

enum class MaskUnit : uint8_t { token, word, span };

/// Devlin et al. 2019, section 3.1; whole words as in their later release; spans as Joshi et al. 2020 (SpanBERT), section 3.1: they begin
/// with a word, and their lengths are geometric, cut at ten tokens.
struct MaskOptions
{
    float ratio = 0.15f;                  // share of the tokens that are predicted: exactly so many, rounded, and at least one; whole words
                                          // that do not fit are passed over, so there may be fewer
    float masked = 0.8f, replaced = 0.1f; // of these: share shown as [MASK], as a random token; the rest stays as it is. Drawn for each
                                          // token, of spans for each span
    MaskUnit unit = MaskUnit::token;
    float meanSpan = 3.8f; // tokens
};
/// [UNK] is not masked: there is nothing to predict. Throws std::invalid_argument where the ratio is not within (0, 1) or the shares are wrong.
Corruption maskTokens(const TokenSequence &sequence, const MaskOptions &options, Random random);

/// Of a prefix language model: how many tokens all may see, uniform over [shortest, longest] of the length, but at least 1 and at most
/// length - 1, so that something is left to be continued. 0 where the length is below 2.
int32_t drawPrefix(int32_t length, float shortest, float longest, Random random);

} // namespace pretext
