// Runners of what encoders of patches have alone: positions between those of a grid; and a masked autoencoder, from given weights, images and kept patches the
// loss, the gradients and ten steps of AdamW.
#pragma once

#include "core/nn/optimizer.h"
#include "core/ssl/patchdecoder.h"
#include "tests/golden/goldentransformer.h"

namespace golden {

/// Parameters as a run's checkpoint names them.
inline std::vector<NamedParameter> maskedParameters(const Encoder &encoder, const PatchDecoder &decoder)
{
    std::vector<NamedParameter> all;
    for (const auto &[prefix, module] : {std::pair<std::string, const Module *>("encoder.", &encoder), {"decoder.", &decoder}})
        for (NamedParameter &parameter : module->parameters())
            all.push_back({prefix + parameter.name, parameter.variable, parameter.decay});
    return all;
}

/// `images` [steps, N, H, W, C], `kept` i32 [steps, N, K].
inline void runMasked(GoldenCase &c)
{
    const Tensor images = c.constant("images"), kept = c.constant("kept");
    const Shape all = images.shape();
    const ImageShape image{int(all[2]), int(all[3]), int(all[4])};
    std::vector<Knob> declared = encoderType("vit").knobs();
    for (const std::vector<Knob> &more : {patchDecoderKnobs(), optimizerKnobs()})
        declared.insert(declared.end(), more.begin(), more.end());
    KnobSet knobs(declared);
    setKnobs(c, knobs, {"target.normalise", "learning_rate"});
    Random random(0);
    const auto encoder = encoderType("vit").make(knobs, image, random);
    PatchEncoder &vit = patchEncoder(*encoder);
    PatchDecoder decoder(knobs, vit, random);
    std::vector<NamedParameter> parameters = maskedParameters(*encoder, decoder);
    for (NamedParameter &parameter : parameters)
        parameter.variable.value().copyFrom(c.input(parameter.name).value());
    auto optimizer = makeOptimizer("adamw", parameters, knobs);
    const std::vector<float> pixels = images.toHost();
    const std::vector<int32_t> places = kept.toHostInt();
    const size_t perStep = places.size() / size_t(all[0]);
    std::vector<float> losses;
    for (int64_t step = 0; step < all[0]; ++step) {
        const Variable x(Tensor::fromHost(rowOf(pixels, all[0], step), {all[1], all[2], all[3], all[4]}));
        for (NamedParameter &parameter : parameters)
            parameter.variable.clearGrad();
        const PatchMasks masks = patchMasks(std::span(places).subspan(size_t(step) * perStep, perStep), all[1], vit.grid(), vit.classTokens());
        const PatchTargets targets(x, masks, vit.grid(), c.option<bool>("target.normalise"));
        const Variable loss = meanSquaredError(decoder.paint(vit.hidden(x, masks.kept), masks), targets.values);
        backward(loss);
        losses.push_back(loss.value().item());
        for (NamedParameter &parameter : parameters)
            if (step == 0)
                c.give("grad." + parameter.name, parameter.variable.grad().clone());
        optimizer->step(c.option<float>("learning_rate"));
    }
    c.give("output.loss", Tensor::fromHost(losses, {all[0]}));
    for (const NamedParameter &parameter : parameters)
        c.give("output." + parameter.name, parameter.variable.value());
}

/// Positions of a grid, brought to another.
inline void runPositions(GoldenCase &c)
{
    const auto grid = [&](const std::string &name) {
        const auto extents = c.option<std::vector<int>>(name);
        return PatchGrid{extents.at(0), extents.at(1), 1, 1};
    };
    c.differentiate(matmul(Variable(positionWeights(grid("from"), grid("to"))), c.input("x")));
}

} // namespace golden
