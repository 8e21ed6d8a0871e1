// What is done to a row of tokens before a model sees it: masking (BERT), noise (BART), augmentation (SimCSE's kin), a prefix's split.
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

/// Lewis et al. 2020 (BART), section 2.2; and the span corruption of Raffel et al. 2020 (T5), section 3.1.4.
enum class Noise : uint8_t {
    masking,          // tokens become [MASK]
    deletion,         // tokens go; the decoder must find out where
    replacement,      // tokens become random ones
    infilling,        // spans of Poisson length become one [MASK] each, also spans of no token
    permuteSentences, // sentences change places; of fewer than two: as permuteSpans
    permuteSpans,     // spans of Poisson length (at least one) change places
    rotation,         // the row begins elsewhere
    sentinels,        // spans of Poisson length (at least one) become one [MASK] each, and the decoder writes them alone, each behind its
                      // [MASK]: [CLS] [MASK] span [MASK] span [SEP]. T5 numbers its sentinels; here their order tells which is which
};
constexpr int kNoises = 8;
const char *toText(Noise noise); // "masking", "deletion", "replacement", "infilling", "sentences", "spans", "rotation", "sentinels"
/// Throws std::invalid_argument naming the text and the choices.
Noise noiseOf(const std::string &text);

struct NoiseOptions
{
    Noise noise = Noise::infilling;
    float strength = 0.3f; // share of the tokens (of sentences, of spans that change places; of a rotation the largest, of the length)
    float meanSpan = 3;    // tokens, of the Poisson lengths
};
/// Exactly `strength` of the tokens, rounded, is affected; 0 leaves all as it is. One token is always left. Throws std::invalid_argument
/// where the strength is not within [0, 1].
Corruption addNoise(const TokenSequence &sequence, const NoiseOptions &options, Random random);

/// How a positive is made of a sentence, word by word; after Wei & Zou 2019 (EDA).
enum class TextAugmentation : uint8_t {
    none,        // dropout alone makes the pair (Gao et al. 2021)
    deletion,    // words go
    insertion,   // words of the sentence are said once more, elsewhere (ESimCSE, Wu et al. 2022)
    replacement, // words become random ones
    reordering,  // words change places
};
const char *toText(TextAugmentation augmentation); // "none", "deletion", "insertion", "replacement", "reordering"
TextAugmentation textAugmentationOf(const std::string &text);
/// Exactly `strength` of the words, rounded, is affected (one of them is always left, reordering takes at least two). There are no targets.
Corruption augmentText(const TokenSequence &sequence, TextAugmentation augmentation, float strength, Random random);

/// Of a prefix language model: how many tokens all may see, uniform over [shortest, longest] of the length, but at least 1 and at most
/// length - 1, so that something is left to be continued. 0 where the length is below 2.
int32_t drawPrefix(int32_t length, float shortest, float longest, Random random);

} // namespace pretext
