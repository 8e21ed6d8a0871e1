#include "core/nn/transformerblock.h"

#include "core/nn/layers.h"

#include <cmath>

namespace pretext {

namespace {

/// The deviation of weights that lead into the residual stream (Radford et al. 2019, section 2.3).
float residualDeviation(const TrunkOptions &options)
{
    return options.scaledResiduals ? options.deviation / std::sqrt(2.f * float(options.layers)) : options.deviation;
}

/// Where a part of a block is called by itself, everything is seen and dropout is off.
template<class Function>
Variable alone(Function function)
{
    TrunkPass pass;
    return function(pass);
}

} // namespace

AttentionLayer::AttentionLayer(const TrunkOptions &options, bool cross, Random &random) : m_heads(options.heads), m_cross(cross)
{
    const int width = options.width;
    if (cross)
        m_query = &addModule("query", std::make_unique<Linear>(width, width, options.deviation, random));
    auto projection = std::make_unique<Linear>(width, (cross ? 2 : 3) * width, options.deviation, random);
    // The keys' bias adds the same to all scores of a query, which softmax does not see: its gradient is zero. What rounding would leave of
    // it, an optimizer that divides by the gradient's size (Adam) would make whole steps of.
    projection->fixBias(cross ? 0 : width, cross ? width : 2 * width);
    m_projection = &addModule(cross ? "key_value" : "query_key_value", std::move(projection));
    m_output = &addModule("output", std::make_unique<Linear>(width, width, residualDeviation(options), random));
}

AttentionOptions AttentionLayer::optionsOf(const TrunkPass &pass) const
{
    return {m_heads, !m_cross && pass.causal, pass.dropout};
}

AttentionMask AttentionLayer::maskOf(const TrunkPass &pass) const
{
    if (m_cross)
        return {.queryLengths = pass.mask.queryLengths, .keyLengths = pass.memory.lengths};
    return pass.mask;
}

Variable AttentionLayer::attend(const Variable &x, TrunkPass &pass)
{
    Scope scope(name());
    const AttentionOptions options = optionsOf(pass);
    ++pass.dropout.key.site;
    if (m_cross)
        return (*m_output)(crossAttention(m_query->factors(x), m_projection->factors(pass.memory.states), options, maskOf(pass)));
    return (*m_output)(selfAttention(m_projection->factors(x), options, maskOf(pass)));
}

Tensor AttentionLayer::weights(const Variable &x, const TrunkPass &pass)
{
    if (m_cross)
        return attentionWeights((*m_query)(x), (*m_projection)(pass.memory.states), optionsOf(pass), maskOf(pass));
    return attentionWeights((*m_projection)(x), {}, optionsOf(pass), maskOf(pass));
}

Variable AttentionLayer::forward(const Variable &x)
{
    return alone([&](TrunkPass &pass) { return attend(x, pass); });
}

TransformerBlock::TransformerBlock(const TrunkOptions &options, Random &random) : m_postNorm(options.postNorm), m_activation(options.activation)
{
    const auto addNorm = [&](const std::string &name) { return &addModule(name, std::make_unique<LayerNorm>(options.width, options.epsilon)); };
    m_attentionNorm = addNorm("attention_norm");
    m_attention = &addModule("attention", std::make_unique<AttentionLayer>(options, false, random));
    if (options.crossAttention) {
        m_crossNorm = addNorm("cross_attention_norm");
        m_crossAttention = &addModule("cross_attention", std::make_unique<AttentionLayer>(options, true, random));
    }
    m_feedForwardNorm = addNorm("feed_forward_norm");
    m_up = &addModule("up", std::make_unique<Linear>(options.width, options.feedForward, options.deviation, random));
    m_down = &addModule("down", std::make_unique<Linear>(options.feedForward, options.width, residualDeviation(options), random));
}

template<class Part>
Variable TransformerBlock::withResidual(const Variable &x, Module &norm, TrunkPass &pass, Part part)
{
    Variable y = part(m_postNorm ? x : norm(x));
    y = dropout(y, pass.dropout);
    ++pass.dropout.key.site;
    return m_postNorm ? norm(add(x, y)) : add(x, y);
}

Variable TransformerBlock::feedForward(const Variable &x)
{
    return (*m_down)(m_up->activated(x, m_activation, Reader::product));
}

Variable TransformerBlock::run(const Variable &x, TrunkPass &pass)
{
    Scope scope(name());
    Variable y = withResidual(x, *m_attentionNorm, pass, [&](const Variable &z) { return m_attention->attend(z, pass); });
    if (m_crossAttention)
        y = withResidual(y, *m_crossNorm, pass, [&](const Variable &z) { return m_crossAttention->attend(z, pass); });
    return withResidual(y, *m_feedForwardNorm, pass, [&](const Variable &z) { return feedForward(z); });
}

Tensor TransformerBlock::weights(const Variable &x, TrunkPass &pass, bool cross)
{
    if (!cross)
        return m_attention->weights(m_postNorm ? x : (*m_attentionNorm)(x), pass);
    const Variable y = withResidual(x, *m_attentionNorm, pass, [&](const Variable &z) { return m_attention->attend(z, pass); });
    return m_crossAttention->weights(m_postNorm ? y : (*m_crossNorm)(y), pass);
}

Variable TransformerBlock::forward(const Variable &x)
{
    return alone([&](TrunkPass &pass) { return run(x, pass); });
}

} // namespace pretext
