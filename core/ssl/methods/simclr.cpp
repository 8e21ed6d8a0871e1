// SimCLR (Chen et al. 2020, "A simple framework for contrastive learning of visual representations"): two views of a sample are pulled
// together and pushed from all other views of the batch. N pairs, z [2N, D] of unit rows, rows i and i + N positive.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

class SimClr : public Method
{
public:
    explicit SimClr(const MethodParts &parts) { m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]), z = normalize(m_heads(h));
        recordFeatures(h, input.recorder);
        Tensor nearest;
        const Variable loss = ntXent(z, static_cast<float>(input.knobs.real("temperature")), &nearest);
        recordSimilarity(z.value(), input, Contrast::allViews, nearest);
        return loss;
    }

private:
    Heads m_heads;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.2, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the hardest negatives alone push."))};
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

Recipe recipe(const DatasetInfo &info)
{
    return imageRecipe(info, {{"temperature", 0.1}});
}

} // namespace

MethodType simclrMethod()
{
    return {.name = "simclr",
            .title = PRETEXT_SAID("SimCLR"),
            .help = PRETEXT_SAID("Pulls two views of a sample together and pushes all others away, with NT-Xent (Chen et al. 2020)."),
            .family = Family::contrastive,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SimClr>(parts); },
            .recipe = recipe,
            .kinds = kAnyWithViews};
}

} // namespace pretext
