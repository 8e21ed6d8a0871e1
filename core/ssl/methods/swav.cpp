// SwAV (Caron et al. 2020, "Unsupervised learning of visual features by contrasting cluster assignments", eq. 2 to 4): the views of a batch are shared
// out evenly among prototypes, and each view has to foretell the share of the sample's other view. Evenly, since otherwise one prototype for all would
// do. N samples in two large views and as many small crops as are asked for (see multicrop.h), scores [VN, K], rows i, i + N, ... of one sample; shares
// [2N, K] are made of the large views alone, of each by itself.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/multicrop.h"
#include "core/ssl/projector.h"
#include "core/ssl/prototypes.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pretext {

namespace {

constexpr int kIterations = 3; // as the authors use

/// Sinkhorn and Knopp's iteration (Caron et al., eq. 4; Cuturi 2013) of scores [N, K], on logarithms, so that a small epsilon leaves none at zero: shares
/// near softmax(scores / epsilon) of which each prototype gets as much as the others.
Variable shareEvenly(const Variable &scores, float epsilon)
{
    Variable logarithms = scale(scores, 1 / epsilon);
    for (int iteration = 0; iteration < kIterations; ++iteration)
        logarithms = logSoftmax(transpose(logSoftmax(transpose(logarithms)))); // each prototype's share of the views, then each view's of the prototypes
    return exp(logarithms);
}

class SwAv : public Method
{
public:
    explicit SwAv(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)))
        , m_prototypes(m_heads.add("prototypes",
                                   std::make_unique<Prototypes>(parts.knobs.integer("projector.dimension"), parts.knobs.integer("prototypes"), parts.random)))
    {
    }

    Module &heads() override { return m_heads; }

    /// Equation 2 over all pairs of a large view and another, the mean.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const int64_t large = input.views[0].shape()[0];
        const Variable z = m_projector(embedAllViews(encoder, input.views));
        recordViews(normalize(detach(z)).value(), input.recorder, 2 * z.shape()[0] / large);
        const Variable scores = m_prototypes(z);
        const Variable shares = detach(sharesOf(sliceRows(detach(scores), 0, large), input.knobs));
        recordShares(shares.value(), input.recorder);
        const auto temperature = static_cast<float>(input.knobs.real("temperature"));
        recordForetold(scores.value(), temperature, input.recorder);
        return foretellShares(scores, temperature, shares);
    }

private:
    /// Without the even sharing they are the softmax alone.
    static Variable sharesOf(const Variable &scores, const KnobSet &knobs)
    {
        const NoGrad noGrad;
        const auto epsilon = static_cast<float>(knobs.real("sharing.epsilon"));
        if (!knobs.boolean("sharing"))
            return softmax(scale(scores, 1 / epsilon));
        const int64_t samples = scores.shape()[0] / 2; // each view's apart
        return concatRows(shareEvenly(sliceRows(scores, 0, samples), epsilon), shareEvenly(sliceRows(scores, samples, samples), epsilon));
    }

    Heads m_heads;
    Module &m_projector;
    Prototypes &m_prototypes;
};

std::vector<Knob> knobs(const InputShape &input)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.1, PRETEXT_SAID("Divides the scores before the softmax of what a view foretells: the lower, the surer it may sound.")),
        {.name = "sharing",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("Shares the views of a batch out evenly, so that every prototype gets as many. Switched off, few prototypes come to take all.")},
        {.name = "sharing.epsilon",
         .symbol = "ε",
         .kind = KnobKind::real,
         .minimum = 0.01,
         .maximum = 1,
         .logarithmic = true,
         .defaultValue = 0.05,
         .effect = KnobEffect::live,
         .help =
             PRETEXT_SAID("How soft the shares are that a view has to foretell: the higher, the more prototypes share in a view, up to all of them alike.")},
        prototypesKnob(256)};
    std::ranges::copy(smallCropKnobs(input), std::back_inserter(knobs));
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType swavMethod()
{
    return {.name = "swav",
            .title = PRETEXT_SAID("SwAV"),
            .help = PRETEXT_SAID("Foretells the prototypes that the other view is shared out to, evenly over the batch (Caron et al. 2020)."),
            .family = Family::clustering,
            .views = largeAndSmallViews,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SwAv>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
