// Encoders of text: a row of token ids in, a hidden vector for every position or one embedding for the row out. R rows, T positions,
// D features, V tokens.
#pragma once

#include "core/nn/encoder.h"
#include "core/nn/transformer.h"

namespace pretext {

/// Which positions a position may attend to: all, itself and those before, or besides those all of a prefix.
enum class Visibility : uint8_t { full, causal, prefix };

/// Rows of tokens on the device.
struct TokenInput
{
    Tensor ids;           // i32 [R, T], padded with kPadding
    Tensor lengths;       // i32 [R]: positions from here on are padding: nobody sees them, and they see nothing
    Tensor prefixes = {}; // i32 [R], with Visibility::prefix
    uint64_t seed = 0;    // of the dropout masks, which are a function of (seed, step, place)
    int64_t step = 0;
    float dropout = 0; // acts in training mode only
};

/// The rows' ids and lengths; `ids` are padded rows of equal length.
TokenInput tokenInput(const std::vector<int32_t> &ids, int64_t length);

class TextEncoder : public Encoder
{
public:
    virtual Transformer &transformer() const = 0;
    /// Vocabulary, context, layers, heads and so on; for heads and decoders of the same kind, too.
    const TransformerOptions &options() const { return transformer().options(); }
    /// [V, D], which the output weights share.
    const Variable &tokenTable() const { return transformer().tokenTable(); }

    /// [R, T, D]: the last layer's output at every position; T is at most the context.
    Variable hidden(const TokenInput &input) { return transformer().hidden(seen(input)); }
    /// Attention probabilities [R, heads, T, T] of one layer, without dropout, for looking at.
    Tensor attention(const TokenInput &input, int layer) { return transformer().attention(seen(input), layer); }
    /// [R, D]: the mean of `hidden` over the tokens that are not padding.
    Variable sentences(const TokenInput &input);

    /// Set by the method that trains the encoder; evaluation reads it so, too.
    void setVisibility(Visibility visibility) { m_visibility = visibility; }
    Visibility visibility() const { return m_visibility; }

protected:
    /// ids [R, T], padded: the rows' embeddings [R, D].
    Variable forward(const Variable &ids) override;

private:
    TransformerInput seen(const TokenInput &input) const;
    Visibility m_visibility = Visibility::full;
};

/// Throws std::invalid_argument where the encoder is not one of text.
TextEncoder &textEncoder(Encoder &encoder);

} // namespace pretext
