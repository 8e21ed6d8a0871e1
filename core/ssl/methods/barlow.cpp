// Barlow Twins (Zbontar et al. 2021, "Barlow Twins: self-supervised learning via redundancy reduction"): over a batch, each dimension of a view's
// projection is to go with the same dimension of the other view's and with no other one, so that two views agree and no two dimensions say the same.
// N samples, z [2N, D], rows i and i + N of one sample; the cross-correlation C [D, D], row i a dimension of the first views, column j one of the
// second. The terms are sums, as in the paper; the authors' code divides the loss by a constant, which is left to the learning rate here.
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

constexpr float kEpsilon = 1e-5f; // under the root of the variance

/// Each column with a mean of 0 and a variance of 1 over the rows, [N, D].
Variable standardised(const Variable &z)
{
    const Variable centred = subtract(z, mean(z, 0));
    return divide(centred, sqrt(add(mean(square(centred), 0), kEpsilon)));
}

class BarlowTwins : public Method
{
public:
    /// The projector ends without a bias, which standardising would take away again.
    explicit BarlowTwins(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, LastLayer::plain)))
        , m_identity(diagonalMatrix(parts.knobs.integer("projector.dimension"), 1, 0))
        , m_beside(add(scale(m_identity, -1), 1))
    {
    }

    Module &heads() override { return m_heads; }

    /// Equations 1 and 2.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = m_projector(embedViews(encoder, input.views[0]));
        const int64_t pairs = z.shape()[0] / 2;
        const Variable first = standardised(sliceRows(z, 0, pairs)), second = standardised(sliceRows(z, pairs, pairs));
        const Variable correlation = scale(matmul(first, second, true), 1 / float(pairs));
        const Variable invariance = sum(square(multiply(subtract(correlation, m_identity), m_identity))),
                       redundancy = sum(square(multiply(correlation, m_beside)));
        Recorder &recorder = input.recorder;
        recorder.read({invariance.value(), redundancy.value()}, [&recorder](const std::vector<Matrix> &read) {
            recorder.scalar("loss/invariance", read[0].values[0]);
            recorder.scalar("loss/redundancy", read[1].values[0]);
        });
        recordViews(normalize(detach(z)).value(), recorder);
        recorder.heavy("cross-correlation", [matrix = correlation.value()] { return shownMatrix(matrix); });
        return add(invariance, scale(redundancy, static_cast<float>(input.knobs.real("lambda"))));
    }

private:
    Heads m_heads;
    Module &m_projector;
    Variable m_identity, m_beside;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        {.name = "lambda",
         .symbol = "λ",
         .minimum = 1e-4,
         .maximum = 1,
         .logarithmic = true,
         .defaultValue = 0.005,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("Weight of the squared correlations of different dimensions. Low, many dimensions may come to say the same; high, to say "
                              "different things counts for more than that two views agree.")},
    };
    std::ranges::copy(projectorKnobs(256, 256, 3), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType barlowMethod()
{
    return {.name = "barlow",
            .title = PRETEXT_SAID("Barlow Twins"),
            .help = PRETEXT_SAID("Makes each dimension agree between two views and differ from all other dimensions (Zbontar et al. 2021)."),
            .family = Family::withoutNegatives,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<BarlowTwins>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
