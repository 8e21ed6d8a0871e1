// The margin loss on pairs, max(0, 1 - y cos / τ)^p: a pair of one sample (y = 1) is pulled together until its cosine is τ, a pair of two samples
// (y = -1) pushed apart until it is -τ, and what has come so far is left alone; p says how much more the farthest from there count (Hadsell et al. 2006,
// "Dimensionality reduction by learning an invariant mapping", with cosines; the hinge as in Cortes & Vapnik 1995). Written without y, as it sometimes
// is, every pair is pulled together, and the embeddings collapse while the loss goes to its best. N samples, z [2N, D], rows i and i + N of one sample;
// the pairs are each first view with all second ones.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

namespace pretext {

namespace {

constexpr float kTiny = 1e-12f; // the logarithm of 0 has no slope
const std::string kSigned = "signed", kUnsigned = "unsigned";

/// x^p of x >= 0
Variable power(const Variable &x, float p)
{
    return exp(scale(log(add(x, kTiny)), p));
}

/// Of each row's negatives the share in what pushes, p max(0, 1 + cos / τ)^(p - 1).
Matrix pushes(Matrix cosines, float temperature, float p)
{
    const int64_t n = cosines.rows;
    for (int64_t i = 0; i < n; ++i) {
        float *row = &cosines.values[i * n];
        double sum = 0;
        for (int64_t j = 0; j < n; ++j) {
            const float rest = 1 + row[j] / temperature;
            row[j] = i == j ? std::numeric_limits<float>::quiet_NaN() : rest > 0 ? std::pow(rest, p - 1) : 0;
            sum += i == j ? 0 : row[j];
        }
        for (int64_t j = 0; j < n; ++j)
            row[j] = sum > 0 ? float(row[j] / sum) : row[j];
    }
    return cosines;
}

class Margin : public Method
{
public:
    explicit Margin(const MethodParts &parts) { m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    /// The mean over positive pairs and that over negative ones, added.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const auto knob = [&knobs = input.knobs](const char *name) { return static_cast<float>(knobs.real(name)); };
        const Variable z = normalize(m_heads(embedViews(encoder, input.views[0])));
        const int64_t n = z.shape()[0] / 2;
        const Variable cosines = matmul(sliceRows(z, 0, n), sliceRows(z, n, n), false, true);
        const bool signs = input.knobs.choice("margin.form") == kSigned;
        recordViews(z.value(), input.recorder);
        if (signs)
            input.recorder.heavy("similarity/gradient", [=, s = cosines.value()] {
                return shownMatrix(s, [temperature = knob("temperature"), power = knob("margin.power")](const Matrix &own) {
                    return amongViews(pushes(own, temperature, power));
                });
            });
        const Variable y(diagonalMatrix(n, 1, signs ? -1.f : 1.f)), weight(diagonalMatrix(n, 1 / float(n), n > 1 ? 1 / float(n * (n - 1)) : 0));
        const Variable rest = relu(add(scale(multiply(cosines, y), -1 / knob("temperature")), 1));
        return sum(multiply(power(rest, knob("margin.power")), weight));
    }

private:
    Heads m_heads;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        {.name = "temperature",
         .symbol = "τ",
         .kind = KnobKind::real,
         .minimum = 0.05,
         .maximum = 2,
         .logarithmic = true,
         .defaultValue = 0.5,
         .effect = KnobEffect::live,
         .help =
             PRETEXT_SAID("The cosine at which a pair is let alone: positives above it, negatives below minus it. The lower, the fewer pairs still teach.")},
        {.name = "margin.power",
         .symbol = "p",
         .kind = KnobKind::real,
         .minimum = 1,
         .maximum = 8,
         .defaultValue = 2.0,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("The power of what a pair lacks to its margin: at 1 all pairs push alike, the higher, the more the hardest alone do.")},
        {.name = "margin.form",
         .kind = KnobKind::choice,
         .defaultValue = kSigned,
         .choices = {kSigned, kUnsigned},
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("signed: max(0, 1 - y cos/τ)^p, where y is 1 for two views of one sample and -1 for views of two, which are pushed apart. "
                              "unsigned: max(0, 1 - cos/τ)^p for every pair, so that all are pulled together: the loss falls, and the embeddings collapse.")},
    };
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType marginMethod()
{
    return {.name = "margin",
            .title = PRETEXT_SAID("Margin"),
            .help = PRETEXT_SAID("Pulls two views together up to a margin and pushes other samples apart down to another (Hadsell et al. 2006)."),
            .family = Family::contrastive,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Margin>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
