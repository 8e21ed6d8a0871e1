#include "core/nn/transformerblock.h"

#include "core/nn/layers.h"

#include <cmath>

namespace pretext {

namespace {

/// The deviation of weights that lead into the residual stream (Radford et al. 2019, section 2.3).
float residualDeviation(const TransformerOptions &options)
{
    return options.scaledResiduals ? options.deviation / std::sqrt(2.f * float(options.layers)) : options.deviation;
}

/// Where the module of a block gets no context, tokens are all there and dropout is off.
template<class Function>
Variable alone(Function function)
{
    const TransformerInput input;
    const TransformerMemory memory;
    BlockContext context{input, memory, {}};
    return function(context);
}

} // namespace

AttentionLayer::AttentionLayer(const TransformerOptions &options, bool cross, Random &random) : m_heads(options.heads), m_cross(cross)
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

AttentionOptions AttentionLayer::optionsOf(const BlockContext &context) const
{
    return {m_heads, !m_cross && context.input.causal, context.dropout};
}

AttentionMask AttentionLayer::maskOf(const BlockContext &context) const
{
    if (m_cross)
        return {.queryLengths = context.input.lengths, .keyLengths = context.memory.lengths};
    return {context.input.lengths, context.input.lengths, context.input.causal ? context.input.prefixes : Tensor(), context.input.allowed};
}

Variable AttentionLayer::attend(const Variable &x, BlockContext &context)
{
    Scope scope(name());
    const AttentionOptions options = optionsOf(context);
    ++context.dropout.key.site;
    if (m_cross)
        return (*m_output)(crossAttention(m_query->factors(x), m_projection->factors(context.memory.states), options, maskOf(context)));
    return (*m_output)(selfAttention(m_projection->factors(x), options, maskOf(context)));
}

Tensor AttentionLayer::weights(const Variable &x, const BlockContext &context)
{
    if (m_cross)
        return attentionWeights((*m_query)(x), (*m_projection)(context.memory.states), optionsOf(context), maskOf(context));
    return attentionWeights((*m_projection)(x), {}, optionsOf(context), maskOf(context));
}

Variable AttentionLayer::forward(const Variable &x)
{
    return alone([&](BlockContext &context) { return attend(x, context); });
}

TransformerBlock::TransformerBlock(const TransformerOptions &options, Random &random) : m_postNorm(options.postNorm), m_activation(options.activation)
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
Variable TransformerBlock::withResidual(const Variable &x, Module &norm, BlockContext &context, Part part)
{
    Variable y = part(m_postNorm ? x : norm(x));
    y = dropout(y, context.dropout);
    ++context.dropout.key.site;
    return m_postNorm ? norm(add(x, y)) : add(x, y);
}

Variable TransformerBlock::feedForward(const Variable &x)
{
    return (*m_down)(m_up->activated(x, m_activation, Reader::product));
}

Variable TransformerBlock::run(const Variable &x, BlockContext &context)
{
    Scope scope(name());
    Variable y = withResidual(x, *m_attentionNorm, context, [&](const Variable &z) { return m_attention->attend(z, context); });
    if (m_crossAttention)
        y = withResidual(y, *m_crossNorm, context, [&](const Variable &z) { return m_crossAttention->attend(z, context); });
    return withResidual(y, *m_feedForwardNorm, context, [&](const Variable &z) { return feedForward(z); });
}

Tensor TransformerBlock::weights(const Variable &x, BlockContext &context, bool cross)
{
    if (!cross)
        return m_attention->weights(m_postNorm ? x : (*m_attentionNorm)(x), context);
    const Variable y = withResidual(x, *m_attentionNorm, context, [&](const Variable &z) { return m_attention->attend(z, context); });
    return m_crossAttention->weights(m_postNorm ? y : (*m_crossNorm)(y), context);
}

Variable TransformerBlock::forward(const Variable &x)
{
    return alone([&](BlockContext &context) { return run(x, context); });
}

} // namespace pretext
