// The transformer around its blocks: embeddings, the blocks in a row, and the head to the vocabulary.
#include "core/nn/transformer.h"

#include "core/nn/layers.h"
#include "core/nn/transformerblock.h"

#include <stdexcept>

namespace pretext {

TransformerOptions bertOptions(int vocabulary, int context, int layers, int width, int heads)
{
    TransformerOptions options{.vocabulary = vocabulary, .context = context, .layers = layers, .width = width, .heads = heads, .feedForward = 4 * width};
    options.tokenTypes = 2;
    options.postNorm = options.embeddingNorm = true;
    options.epsilon = 1e-12f;
    return options;
}

TransformerOptions gpt2Options(int vocabulary, int context, int layers, int width, int heads)
{
    TransformerOptions options{.vocabulary = vocabulary, .context = context, .layers = layers, .width = width, .heads = heads, .feedForward = 4 * width};
    options.scaledResiduals = true;
    options.activation = Activation::geluTanh;
    return options;
}

namespace {

const TransformerOptions &requireSensible(const TransformerOptions &options)
{
    if (options.vocabulary < 1 || options.context < 1 || options.layers < 0 || options.width < 1 || options.feedForward < 1)
        throw std::invalid_argument("[transformer] vocabulary, context, width and feed-forward width are at least 1");
    if (options.heads < 1 || options.width % options.heads != 0)
        throw std::invalid_argument("[transformer] a width of " + std::to_string(options.width) + " does not share out among " + std::to_string(options.heads)
                                    + " heads; choose a width that is a multiple of the heads");
    return options;
}

} // namespace

Transformer::Transformer(const TransformerOptions &options, Random &random, const Variable &sharedTokens)
    : m_options(requireSensible(options))
    , m_tokens(sharedTokens)
{
    const auto table = [&](const std::string &name, int rows) { return addParameter(name, normalWeights({rows, options.width}, options.deviation, random)); };
    if (!m_tokens.defined())
        m_tokens = table("token_embedding", options.vocabulary);
    else if (m_tokens.shape() != Shape{options.vocabulary, options.width})
        throw std::invalid_argument("[transformer] the shared table of tokens is " + m_tokens.shape().str() + ", not "
                                    + Shape{options.vocabulary, options.width}.str());
    m_positions = table("position_embedding", options.context);
    if (options.tokenTypes > 0)
        m_types = table("type_embedding", options.tokenTypes);
    if (options.embeddingNorm)
        m_embeddingNorm = &addModule("embedding_norm", std::make_unique<LayerNorm>(options.width, options.epsilon));
    for (int layer = 0; layer < options.layers; ++layer)
        m_blocks.push_back(&addModule("layer" + std::to_string(layer), std::make_unique<TransformerBlock>(options, random)));
    if (!options.postNorm)
        m_finalNorm = &addModule("final_norm", std::make_unique<LayerNorm>(options.width, options.epsilon));
}

Transformer::~Transformer() = default;

Variable Transformer::embed(const TransformerInput &input, DropoutOptions &dropping)
{
    const Shape &ids = input.ids.shape();
    if (ids.rank() != 2 || ids[0] < 1 || ids[1] < 1)
        throw std::invalid_argument("[transformer] ids are not [samples, positions] but " + ids.str());
    if (ids[1] > m_options.context)
        throw std::invalid_argument("[transformer] " + std::to_string(ids[1]) + " tokens are longer than the context of " + std::to_string(m_options.context));
    Variable x = addPositions(embedding(m_tokens, input.ids), m_positions);
    if (m_types.defined()) {
        Scope scope("types");
        const std::vector<int32_t> none(input.types.defined() ? 0 : size_t(ids.size()), 0);
        x = add(x, embedding(m_types, input.types.defined() ? input.types : Variable(Tensor::fromHost(none, ids))));
    }
    if (m_embeddingNorm)
        x = (*m_embeddingNorm)(x);
    x = dropout(x, dropping);
    ++dropping.key.site;
    return x;
}

Variable Transformer::hidden(const TransformerInput &input, const TransformerMemory &memory)
{
    Scope scope(name());
    BlockContext context{input, memory, input.dropout};
    if (!training())
        context.dropout.rate = 0;
    Variable x = embed(input, context.dropout);
    for (TransformerBlock *block : m_blocks)
        x = block->run(x, context);
    return m_finalNorm ? (*m_finalNorm)(x) : x;
}

Tensor Transformer::attention(const TransformerInput &input, int layer, const TransformerMemory &memory, bool cross)
{
    if (layer < 0 || layer >= m_options.layers)
        throw std::invalid_argument("[transformer] there is no layer " + std::to_string(layer) + " among " + std::to_string(m_options.layers));
    if (cross && !m_options.crossAttention)
        throw std::invalid_argument("[transformer] this transformer has no cross attention");
    const NoGrad noGrad;
    BlockContext context{input, memory, {}};
    Variable x = embed(input, context.dropout);
    for (int before = 0; before < layer; ++before)
        x = m_blocks[size_t(before)]->run(x, context);
    return m_blocks[size_t(layer)]->weights(x, context, cross);
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
