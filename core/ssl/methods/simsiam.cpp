// SimSiam (Chen & He 2021, "Exploring simple Siamese representation learning", algorithm 1): from a view's projection z a predictor says p, and p is
// turned towards the z of the sample's other view, through which no gradient flows. Nothing is pushed apart, and yet nothing collapses, as long as
// both the predictor and the stop-gradient are there. N samples, z and p [2N, D], rows i and i + N of one sample. Both views go through the networks
// as one batch, so that batch norm sees them together. The projector ends without the batch norm that the paper puts there (without it 0.7 points less,
// table 3): one that gives every dimension the same deviation would hide a collapse.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/siamese.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

class SimSiam : public Method
{
public:
    explicit SimSiam(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, LastLayer::plain)))
        , m_predictor(m_heads.add("predictor", makePredictor(parts.knobs, parts.random)))
    {
    }

    Module &heads() override { return m_heads; }

    /// Equation 2, the mean over both directions of minus the cosine: -1 where every prediction is right.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = m_projector(embedViews(encoder, input.views[0]));
        recordViews(normalize(detach(z)).value(), input.recorder);
        const Variable p = input.knobs.boolean("predictor") ? m_predictor(z) : z;
        return scale(meanCosineWithOther(p, input.knobs.boolean("stop_gradient") ? detach(z) : z), -1);
    }

private:
    Heads m_heads;
    Module &m_projector, &m_predictor;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs = siameseKnobs(64);
    std::ranges::copy(projectorKnobs(256, 256, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType simsiamMethod()
{
    return {.name = "simsiam",
            .title = PRETEXT_SAID("SimSiam"),
            .help = PRETEXT_SAID("Predicts one view's projection from the other's, with a stop-gradient in place of negatives (Chen & He 2021)."),
            .family = Family::withoutNegatives,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SimSiam>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
