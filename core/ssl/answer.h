// Answers to a sentence of the user's: candidates for the tokens she hid, or the sentence's continuation. All of it in evaluation mode,
// without gradients. T tokens, V in the vocabulary.
#pragma once

#include "core/ssl/shown.h"
#include "core/channels/tokens.h"
#include "core/nn/textencoder.h"
#include "core/nn/transformer.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace pretext {

class Tokenizer;

/// The sentence between [CLS] and [SEP], as ids; its question's positions hidden. `problem` says why there is none.
struct AskedRow
{
    std::vector<int32_t> original, given;
    int prefix = 0; // tokens that all may see, where the objective has such
    std::string problem;
};
AskedRow askedRow(const Question &question, const Tokenizer &tokenizer, int context);

/// What every answer begins with: the row as it is read and the attention over it. With a problem it ends there, too.
Answer answerTo(const Question &question, const AskedRow &row, TextEncoder &encoder, const Tokenizer &tokenizer);

/// Of a masked language model: candidates at every hidden position.
Answer fillIn(TextEncoder &encoder, VocabularyHead &head, const Tokenizer &tokenizer, const Question &question);
/// Of a causal one, or a prefix one, to which the prompt is the prefix: the prompt's tokens as predicted, and a continuation of it.
Answer continuation(TextEncoder &encoder, VocabularyHead &head, const Tokenizer &tokenizer, const Question &question);

/// The token that follows, drawn from scores [V] as `sampling` says; special tokens but [SEP], which ends a text, are never drawn.
int32_t drawToken(std::span<const float> scores, const Sampling &sampling, Random &random);

/// Attention of all layers and heads over one row, and what the objective lets each position see.
AttentionView attentionOf(TextEncoder &encoder, std::span<const int32_t> ids, int prefix, const Tokenizer &tokenizer);
Shown shownAttentionOf(TextEncoder &encoder, std::span<const int32_t> ids, int prefix, const Tokenizer &tokenizer); // the same, which need not be waited for
/// Attention of all layers and heads of a decoder over `written`: of its tokens to each other, or `cross` to `memory`, the encoder's states of `given`.
struct DecoderLook
{
    std::span<const int32_t> written, given;
    const TransformerMemory &memory;
    bool cross = false;
};
Shown shownAttentionOf(Transformer &decoder, const DecoderLook &look, const Tokenizer &tokenizer);
/// What the transformer makes of a row's tokens before its first block.
Shown shownEmbedded(Transformer &transformer, std::span<const int32_t> ids);
/// [T, T]: 1 where the row's position may see the column's.
std::vector<uint8_t> visibilityOf(Visibility visibility, int64_t length, int prefix);

/// [1, T]
TokenInput singleRow(std::span<const int32_t> ids, int prefix = 0);

} // namespace pretext
