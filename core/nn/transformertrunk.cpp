#include "core/nn/transformertrunk.h"

#include "core/files/said.h"
#include "core/nn/layers.h"
#include "core/nn/transformerblock.h"

#include <stdexcept>

namespace pretext {

namespace {

const TrunkOptions &requireSensible(const TrunkOptions &options)
{
    if (options.layers < 0 || options.width < 1 || options.feedForward < 1)
        throw std::invalid_argument("[transformer] width and feed-forward width are at least 1");
    if (options.heads < 1 || options.width % options.heads != 0)
        throw std::invalid_argument(
            "[transformer] "
            + said("a width of %1 does not share out among %2 heads; choose a width that is a multiple of the heads", {options.width, options.heads}));
    return options;
}

} // namespace

TransformerTrunk::TransformerTrunk(const TrunkOptions &options, Random &random) : m_options(requireSensible(options))
{
    for (int layer = 0; layer < options.layers; ++layer)
        m_blocks.push_back(&addModule("layer" + std::to_string(layer), std::make_unique<TransformerBlock>(options, random)));
    if (!options.postNorm)
        m_finalNorm = &addModule("final_norm", std::make_unique<LayerNorm>(options.width, options.epsilon, options.finalBias));
}

TransformerTrunk::~TransformerTrunk() = default;

Variable TransformerTrunk::run(Variable x, const TrunkPass &asked)
{
    Scope scope(name());
    TrunkPass pass = asked;
    if (!training())
        pass.dropout.rate = 0;
    for (TransformerBlock *block : m_blocks)
        x = block->run(x, pass);
    return m_finalNorm ? (*m_finalNorm)(x) : x;
}

Tensor TransformerTrunk::attention(Variable x, const TrunkPass &asked, int layer, bool cross)
{
    if (layer < 0 || layer >= m_options.layers)
        throw std::invalid_argument("[transformer] there is no layer " + std::to_string(layer) + " among " + std::to_string(m_options.layers));
    if (cross && !m_options.crossAttention)
        throw std::invalid_argument("[transformer] this transformer has no cross attention");
    const NoGrad noGrad;
    TrunkPass pass = asked;
    pass.dropout = {};
    for (int before = 0; before < layer; ++before)
        x = m_blocks[size_t(before)]->run(x, pass);
    return m_blocks[size_t(layer)]->weights(x, pass, cross);
}

} // namespace pretext
