// Transformers: an encoder (Devlin et al. 2019), a causal or prefix decoder (Radford et al. 2019), or a decoder that also looks at an
// encoder's states (Vaswani et al. 2017), by options alone. N samples, T positions, D features, V tokens.
#pragma once

#include "core/autograd/operations.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

#include <vector>

namespace pretext {

struct TransformerOptions
{
    int vocabulary = 0, context = 128, layers = 4, width = 128, heads = 4, feedForward = 512;
    int tokenTypes = 0;           // 0: tokens have no types
    bool postNorm = false;        // norm(x + f(x)), else x + f(norm(x)) and a norm at the end
    bool embeddingNorm = false;   // norm and dropout behind the sum of embeddings, else dropout alone
    bool crossAttention = false;  // the blocks also attend to an encoder's states
    bool scaledResiduals = false; // initial weights that lead into the residual stream are divided by sqrt(2 layers)
    Activation activation = Activation::gelu;
    float epsilon = 1e-5f;   // of the norms
    float deviation = 0.02f; // of initial weights, normal
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

/// What a decoder with cross attention looks at: states [N, S, D], and i32 [N] lengths or undefined.
struct TransformerMemory
{
    Variable states;
    Tensor lengths = {};
};

class Linear;
class TransformerBlock;

class Transformer : public Module
{
public:
    /// A decoder may share another's table of tokens, which stays the other's parameter.
    Transformer(const TransformerOptions &options, Random &random, const Variable &sharedTokens = {});
    ~Transformer() override;

    /// [N, T, D]: the last layer's output at every position. Throws std::invalid_argument where T is beyond the context.
    Variable hidden(const TransformerInput &input, const TransformerMemory &memory = {});
    /// Attention probabilities [N, heads, T, T] of one layer, without dropout; of cross attention [N, heads, T, S].
    Tensor attention(const TransformerInput &input, int layer, const TransformerMemory &memory = {}, bool cross = false);

    const TransformerOptions &options() const { return m_options; }
    const Variable &tokenTable() const { return m_tokens; } // [V, D]

protected:
    Variable forward(const Variable &ids) override { return hidden({.ids = ids}); }

private:
    Variable embed(const TransformerInput &input, DropoutOptions &dropout);
    TransformerOptions m_options;
    Variable m_tokens, m_positions, m_types;
    Module *m_embeddingNorm = nullptr, *m_finalNorm = nullptr;
    std::vector<TransformerBlock *> m_blocks;
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
