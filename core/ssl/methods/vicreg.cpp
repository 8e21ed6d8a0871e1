// VICReg (Bardes et al. 2022, "VICReg: variance-invariance-covariance regularization for self-supervised learning"): two views of a sample are pulled
// together, while every dimension of the batch's embeddings keeps a deviation of at least one, and no two dimensions say the same. N samples, z
// [2N, D], rows i and i + N of one sample. The terms are averaged as in the authors' code: invariance over dimensions, too, variance over both views.
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

constexpr float kEpsilon = 1e-4f; // under the root of the variance

/// What keeps the embeddings of one view, [N, D], from collapsing.
struct Spread
{
    Variable variance;   // equation 1: mean over dimensions of max(0, 1 - deviation), [1]
    Variable covariance; // equations 3 and 4: squares of what stands beside the diagonal, over D, [1]
    Tensor matrix;       // [D, D]
};

/// `beside`: [D, D], 0 on the diagonal and 1 beside it.
Spread spreadOf(const Variable &z, const Variable &beside)
{
    const float samples = float(z.shape()[0] - 1), dimensions = float(z.shape()[1]);
    const Variable centred = subtract(z, mean(z, 0));
    const Variable deviation = sqrt(add(scale(sum(square(centred), 0), 1 / samples), kEpsilon));
    const Variable matrix = scale(matmul(centred, centred, true), 1 / samples);
    return {mean(relu(add(scale(deviation, -1), 1))), scale(sum(square(multiply(matrix, beside))), 1 / dimensions), detach(matrix).value()};
}

class VicReg : public Method
{
public:
    explicit VicReg(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, LastLayer::plain)))
        , m_beside(diagonalMatrix(parts.knobs.integer("projector.dimension"), 0, 1))
    {
    }

    Module &heads() override { return m_heads; }

    /// Equation 6.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = m_projector(embedViews(encoder, input.views[0]));
        const int64_t pairs = z.shape()[0] / 2;
        const Variable first = sliceRows(z, 0, pairs), second = sliceRows(z, pairs, pairs);
        const Spread a = spreadOf(first, m_beside), b = spreadOf(second, m_beside);
        const Variable invariance = meanSquaredError(first, second), variance = scale(add(a.variance, b.variance), 0.5f),
                       covariance = add(a.covariance, b.covariance);
        Recorder &recorder = input.recorder;
        recorder.read({invariance.value(), variance.value(), covariance.value()}, [&recorder](const std::vector<Matrix> &read) {
            recorder.scalar("loss/invariance", read[0].values[0]);
            recorder.scalar("loss/variance", read[1].values[0]);
            recorder.scalar("loss/covariance", read[2].values[0]);
        });
        recordViews(normalize(detach(z)).value(), recorder);
        recorder.heavy("covariance", [matrix = a.matrix] { return shownMatrix(matrix); });
        const auto weight = [&](const char *knob) { return static_cast<float>(input.knobs.real(knob)); };
        return add(add(scale(invariance, weight("invariance")), scale(variance, weight("variance"))), scale(covariance, weight("covariance")));
    }

private:
    Heads m_heads;
    Module &m_projector;
    Variable m_beside;
};

Knob weightKnob(const char *name, const char *symbol, double value, const char *help)
{
    return {
        .name = name, .symbol = symbol, .kind = KnobKind::real, .minimum = 0, .maximum = 100, .defaultValue = value, .effect = KnobEffect::live, .help = help};
}

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        weightKnob(
            "invariance", "λ", 25,
            PRETEXT_SAID("Weight of the distance between two views of a sample: the higher, the more alike they become; at 0 nothing pulls them together.")),
        weightKnob(
            "variance", "μ", 25,
            PRETEXT_SAID("Weight of what each dimension's deviation lacks to one: at 0 nothing keeps the embeddings from becoming one point. Their lengths "
                         "shrink, which loss/variance tells by going to 1, while embedding/std, of unit length, may stay. Raised again, it brings them "
                         "back within some tens of steps.")),
        weightKnob("covariance", "ν", 1,
                   PRETEXT_SAID("Weight of the squared covariances of different dimensions: at 0 all dimensions may come to say the same.")),
    };
    std::ranges::copy(projectorKnobs(256, 256, 3), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType vicregMethod()
{
    return {.name = "vicreg",
            .title = PRETEXT_SAID("VICReg"),
            .help = PRETEXT_SAID("Pulls two views together, keeps every dimension's variance and makes the dimensions differ (Bardes et al. 2022)."),
            .family = Family::withoutNegatives,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<VicReg>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
