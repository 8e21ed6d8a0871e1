// Encoders of text: a row of token ids in, a hidden vector for every position or one embedding for the row out. R rows, T positions,
// D features, V tokens.
#pragma once

#include "core/nn/encoder.h"
#include "core/tensor/tensor.h"

namespace pretext {

class Transformer;
struct TransformerOptions;

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
    virtual int vocabulary() const = 0;
    virtual int context() const = 0; // T is at most this
    /// [R, T, D]: the last layer's output at every position.
    virtual Variable hidden(const TokenInput &input) = 0;
    /// Attention probabilities [R, heads, T, T] of one layer, without dropout, for looking at.
    virtual Tensor attention(const TokenInput &input, int layer) = 0;
    virtual int layers() const = 0;
    virtual int heads() const = 0;
    virtual const Variable &tokenEmbedding() const = 0;    // [V, D], which the output weights share
    virtual const TransformerOptions &options() const = 0; // for heads and decoders of the same kind
    virtual Transformer &transformer() = 0;                // for exports
    /// [R, D]: the mean of `hidden` over the tokens that are not padding.
    Variable sentences(const TokenInput &input);

    /// Set by the method that trains the encoder; evaluation reads it so, too.
    void setVisibility(Visibility visibility) { m_visibility = visibility; }
    Visibility visibility() const { return m_visibility; }

protected:
    /// ids [R, T], padded: the rows' embeddings [R, D].
    Variable forward(const Variable &ids) override;

private:
    Visibility m_visibility = Visibility::full;
};

/// Throws std::invalid_argument where the encoder is not one of text.
TextEncoder &textEncoder(Encoder &encoder);

} // namespace pretext
