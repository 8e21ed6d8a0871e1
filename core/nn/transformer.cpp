// The transformer of tokens: their embedding before a trunk, and the head to the vocabulary behind it.
#include "core/nn/transformer.h"

#include "core/nn/layers.h"

#include <utility>

namespace pretext {

namespace {

TransformerOptions plainOptions(int vocabulary, int context, int layers, int width, int heads)
{
    TransformerOptions options;
    options.vocabulary = vocabulary;
    options.context = context;
    options.layers = layers;
    options.width = width;
    options.heads = heads;
    options.feedForward = 4 * width;
    return options;
}

} // namespace

TransformerOptions bertOptions(int vocabulary, int context, int layers, int width, int heads)
{
    TransformerOptions options = plainOptions(vocabulary, context, layers, width, heads);
    options.tokenTypes = 2;
    options.postNorm = options.embeddingNorm = true;
    options.epsilon = 1e-12f;
    return options;
}

TransformerOptions gpt2Options(int vocabulary, int context, int layers, int width, int heads)
{
    TransformerOptions options = plainOptions(vocabulary, context, layers, width, heads);
    options.scaledResiduals = true;
    options.activation = Activation::geluTanh;
    return options;
}

// Both parts go without a name of their own: a checkpoint says "layer0...." and "token_embedding".
Transformer::Transformer(const TransformerOptions &options, Random &random, const Variable &sharedTokens)
    : m_options(options)
    , m_embedding(addModule("", std::make_unique<TokenEmbedding>(options, options, random, sharedTokens)))
    , m_trunk(addModule("", std::make_unique<TransformerTrunk>(options, random)))
{
}

TrunkPass Transformer::passOf(const TransformerInput &input, const TransformerMemory &memory) const
{
    return {.mask = {input.lengths, input.lengths, input.causal ? input.prefixes : Tensor(), input.allowed},
            .causal = input.causal,
            .memory = memory,
            .dropout = input.dropout};
}

Variable Transformer::hidden(const TransformerInput &input, const TransformerMemory &memory)
{
    Scope scope(name());
    TrunkPass pass = passOf(input, memory);
    Variable x = m_embedding.run(input.ids, input.types, pass.dropout);
    ++pass.dropout.key.site;
    return m_trunk.run(std::move(x), pass);
}

Tensor Transformer::attention(const TransformerInput &input, int layer, const TransformerMemory &memory, bool cross)
{
    const NoGrad noGrad;
    return m_trunk.attention(m_embedding.run(input.ids, input.types, {}), passOf(input, memory), layer, cross);
}

VocabularyHead::VocabularyHead(const TransformerOptions &options, const Variable &tokenTable, bool transform, Random &random)
    : m_table(tokenTable)
    , m_activation(options.activation)
{
    if (!transform)
        return;
    m_dense = &addModule("dense", std::make_unique<Linear>(options.width, options.width, options.deviation, random));
    m_norm = &addModule("norm", std::make_unique<LayerNorm>(options.width, options.epsilon));
    m_bias = addParameter("bias", Tensor::zeros({options.vocabulary}), false);
}

Variable VocabularyHead::logits(const Variable &hidden, const Tensor &rows)
{
    Scope scope(name());
    Variable x = rows.defined() ? gatherRows(hidden, rows) : hidden;
    if (m_dense)
        x = (*m_norm)(m_dense->activated(x, m_activation));
    return linear(x, m_table, m_bias);
}

} // namespace pretext
