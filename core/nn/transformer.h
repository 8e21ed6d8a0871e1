// Transformers: an encoder (Devlin et al. 2019), a causal or prefix decoder (Radford et al. 2019), or a decoder that also looks at an
// encoder's states (Vaswani et al. 2017), by options alone. N samples, T positions, D features, V tokens.
#pragma once

#include "core/nn/tokenembedding.h"
#include "core/nn/transformertrunk.h"

namespace pretext {

/// `context` and so on of the tokens, `layers` and so on of the trunk.
struct TransformerOptions : TokenEmbeddingOptions, TrunkOptions
{
};

/// Exactly BERT: post-norm, two token types, embedding norm, GELU by erf.
TransformerOptions bertOptions(int vocabulary, int context, int layers, int width, int heads);
/// Exactly GPT-2: pre-norm, final norm, GELU by tanh, scaled residuals.
TransformerOptions gpt2Options(int vocabulary, int context, int layers, int width, int heads);

/// Tokens and what may be seen of them.
struct TransformerInput
{
    Variable ids;        // i32 [N, T]
    Tensor lengths = {}; // i32 [N]: positions from here on are padding: nobody sees them, they attend to nothing. Undefined: none are
    bool causal = false;
    Tensor prefixes = {};        // i32 [N], with causal: positions before this are seen by all
    Tensor allowed = {};         // i32 [N or 1, T, T]: 0 hides the column's position from the row's
    Variable types = {};         // i32 [N, T]; undefined: all 0
    DropoutOptions dropout = {}; // acts in training mode only; dropouts take the sites from key.site on, fewer than kDropoutSites
};
constexpr uint32_t kDropoutSites = 1024; // where a decoder's sites begin, behind its encoder's

class Linear;

class Transformer : public Module
{
public:
    /// A decoder may share another's table of tokens, which stays the other's parameter.
    Transformer(const TransformerOptions &options, Random &random, const Variable &sharedTokens = {});

    /// [N, T, D]: the last layer's output at every position. Throws std::invalid_argument where T is beyond the context.
    Variable hidden(const TransformerInput &input, const TransformerMemory &memory = {});
    /// Attention probabilities [N, heads, T, T] of one layer, without dropout; of cross attention [N, heads, T, S].
    Tensor attention(const TransformerInput &input, int layer, const TransformerMemory &memory = {}, bool cross = false);
    /// What stands before the blocks, of types 0.
    EmbeddingParts embeddingParts(const Variable &ids) { return m_embedding.parts(ids); }

    const TransformerOptions &options() const { return m_options; }
    const Variable &tokenTable() const { return m_embedding.table(); } // [V, D]

protected:
    Variable forward(const Variable &ids) override { return hidden({.ids = ids}); }

private:
    TrunkPass passOf(const TransformerInput &input, const TransformerMemory &memory) const;
    TransformerOptions m_options;
    TokenEmbedding &m_embedding;
    TransformerTrunk &m_trunk;
};

/// From hidden states to scores of the vocabulary through the tokens' own table (Press and Wolf 2017). `transform` adds BERT's
/// dense layer, GELU and norm before it, and a bias behind it.
class VocabularyHead : public Module
{
public:
    VocabularyHead(const TransformerOptions &options, const Variable &tokenTable, bool transform, Random &random);
    /// Scores [K, V] of some rows of hidden [N, T, D], i32 [K] counted over N x T; where undefined, of all: [N, T, V].
    Variable logits(const Variable &hidden, const Tensor &rows = {});
    bool transforms() const { return m_dense != nullptr; }

protected:
    Variable forward(const Variable &hidden) override { return logits(hidden); }

private:
    Variable m_table, m_bias;
    Activation m_activation;
    Linear *m_dense = nullptr;
    Module *m_norm = nullptr;
};

} // namespace pretext
