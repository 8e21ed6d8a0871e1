#include "core/ssl/patchdecoder.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"

#include <cmath>

namespace pretext {

namespace {

constexpr float kPatchEpsilon = 1e-6f; // of the variance that targets are divided by

Tensor listOf(const std::vector<int32_t> &values)
{
    return Tensor::fromHost(values, {int64_t(values.size())});
}

Knob decoderKnob(const std::string &name, double minimum, double maximum, double value, bool logarithmic, const std::string &help)
{
    return wholeKnob("decoder." + name, {minimum, maximum, logarithmic}, value, help);
}

TrunkOptions decoderTrunk(const KnobSet &knobs)
{
    const int width = knobs.integer("decoder.width");
    TrunkOptions options{.layers = knobs.integer("decoder.layers"), .width = width, .heads = knobs.integer("decoder.heads"), .feedForward = 4 * width};
    options.finalBias = false; // the layer that predicts has one
    options.epsilon = 1e-6f;
    options.deviation = 0.55f / std::sqrt(float(width)); // as the encoder begins
    return options;
}

} // namespace

PatchMasks patchMasks(std::span<const int32_t> kept, int64_t images, const PatchGrid &grid, int classTokens)
{
    PatchMasks masks{.kept = keptPatches(kept, images, grid), .order = {}, .hidden = {}, .images = images};
    const int64_t tokens = classTokens + masks.kept.count;
    const int32_t behind = int32_t(images * tokens);
    masks.order.assign(size_t(images * grid.count()), behind);
    for (size_t i = 0; i < kept.size(); ++i) {
        const int64_t image = int64_t(i) / masks.kept.count;
        masks.order[size_t(image * grid.count() + kept[i])] = int32_t(image * tokens + classTokens + int64_t(i) % masks.kept.count);
    }
    for (size_t row = 0; row < masks.order.size(); ++row)
        if (masks.order[row] == behind)
            masks.hidden.push_back(int32_t(row));
    return masks;
}

std::vector<Knob> patchDecoderKnobs()
{
    std::vector<Knob> knobs = {
        decoderKnob("width", 8, 1024, 64, true, PRETEXT_SAID("Features of a patch in the decoder, which is thrown away after training; a multiple of 4.")),
        decoderKnob(
            "layers", 1, 8, 1, false,
            PRETEXT_SAID(
                "Blocks of the decoder: with more the encoder need not know of pixels, with fewer it does part of the painting, and says less of the whole.")),
        decoderKnob("heads", 1, 32, 4, false, PRETEXT_SAID("Attention heads in a block of the decoder, which must divide its width.")),
    };
    knobs.back().rules = {{KnobRule::divides, "decoder.width"}};
    return knobs;
}

PatchDecoder::PatchDecoder(const KnobSet &knobs, const PatchEncoder &encoder, Random &random)
    : m_grid(encoder.grid())
    , m_options(decoderTrunk(knobs))
    , m_embed(addModule("embed", std::make_unique<Linear>(encoder.dimension(), m_options.width, m_options.deviation, random)))
    , m_maskToken(addParameter("mask_token", normalWeights({1, m_options.width}, m_options.deviation, random)))
    , m_positions(sinusoidalPositions(m_grid, m_options.width))
    , m_trunk(addModule("trunk", std::make_unique<TransformerTrunk>(m_options, random)))
    , m_predict(addModule("predict", std::make_unique<Linear>(m_options.width, m_grid.values(), m_options.deviation, random)))
{
}

Variable PatchDecoder::paint(const Variable &hidden, const PatchMasks &masks)
{
    const Scope scope(name());
    const int64_t width = m_options.width, rows = hidden.shape()[0] * hidden.shape()[1];
    const Variable seen = reshape(m_embed(hidden), {rows, width}); // a class token, too, which nobody gathers
    const Variable placed = gatherRows(concatRows(seen, m_maskToken), listOf(masks.order));
    const Variable x = addPositions(reshape(placed, {masks.images, m_grid.count(), width}), m_positions);
    return m_predict(gatherRows(m_trunk.run(x, {}), listOf(masks.hidden)));
}

PatchTargets::PatchTargets(const Variable &images, const PatchMasks &masks, const PatchGrid &grid, bool normalised)
{
    const NoGrad noGrad;
    values = gatherRows(patchesOf(images, grid), listOf(masks.hidden));
    const float count = float(grid.values());
    if (!normalised || count < 2)
        return;
    average = mean(values, 1);
    const Variable centred = subtract(values, average);
    deviation = sqrt(add(scale(mean(square(centred), 1), count / (count - 1)), kPatchEpsilon));
    values = divide(centred, deviation);
}

Variable PatchTargets::pixels(const Variable &painted) const
{
    const NoGrad noGrad;
    return average.defined() ? add(multiply(painted, deviation), average) : painted;
}

} // namespace pretext
