#include "core/nn/tokenembedding.h"

#include "core/nn/layers.h"

#include <stdexcept>

namespace pretext {

TokenEmbedding::TokenEmbedding(const TokenEmbeddingOptions &options, const TrunkOptions &trunk, Random &random, const Variable &sharedTokens)
    : m_options(options)
    , m_tokens(sharedTokens)
{
    if (options.vocabulary < 1 || options.context < 1 || trunk.width < 1)
        throw std::invalid_argument("[transformer] vocabulary, context and width are at least 1");
    const auto table = [&](const std::string &name, int rows) { return addParameter(name, normalWeights({rows, trunk.width}, trunk.deviation, random)); };
    if (!m_tokens.defined())
        m_tokens = table("token_embedding", options.vocabulary);
    else if (m_tokens.shape() != Shape{options.vocabulary, trunk.width})
        throw std::invalid_argument("[transformer] the shared table of tokens is " + m_tokens.shape().str() + ", not "
                                    + Shape{options.vocabulary, trunk.width}.str());
    m_positions = table("position_embedding", options.context);
    if (options.tokenTypes > 0)
        m_types = table("type_embedding", options.tokenTypes);
    if (options.embeddingNorm)
        m_norm = &addModule("embedding_norm", std::make_unique<LayerNorm>(trunk.width, trunk.epsilon));
}

Variable TokenEmbedding::run(const Variable &tokens, const Variable &types, const DropoutOptions &dropping)
{
    Scope scope(name());
    const Shape &ids = tokens.shape();
    if (ids.rank() != 2 || ids[0] < 1 || ids[1] < 1)
        throw std::invalid_argument("[transformer] ids are not [samples, positions] but " + ids.str());
    if (ids[1] > m_options.context)
        throw std::invalid_argument("[transformer] " + std::to_string(ids[1]) + " tokens are longer than the context of " + std::to_string(m_options.context));
    Variable x = addPositions(embedding(m_tokens, tokens), m_positions);
    if (m_types.defined()) {
        Scope inner("types");
        const std::vector<int32_t> none(types.defined() ? 0 : size_t(ids.size()), 0);
        x = add(x, embedding(m_types, types.defined() ? types : Variable(Tensor::fromHost(none, ids))));
    }
    if (m_norm)
        x = (*m_norm)(x);
    return training() ? dropout(x, dropping) : x;
}

EmbeddingParts TokenEmbedding::parts(const Variable &ids)
{
    const NoGrad noGrad;
    return {.tokens = embedding(m_tokens, ids).value(),
            .positions = m_positions.value(),
            .types = m_types.defined() ? m_types.value() : Tensor(),
            .given = run(ids, {}, {}).value()};
}

} // namespace pretext
