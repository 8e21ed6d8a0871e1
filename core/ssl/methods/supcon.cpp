// SupCon (Khosla et al. 2020, "Supervised contrastive learning", eq. 2, L_out): as NT-Xent, but all views of the anchor's class are its positives, and
// only other classes are pushed away. It learns from labels, for comparison. N samples, z [2N, D] of unit rows, rows i and i + N of one sample.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pretext {

namespace {

/// Of 2N views whose row i is of class labels[i % N].
struct Classes
{
    std::vector<int32_t> labels;

    bool same(int64_t i, int64_t j) const { return labels[i % labels.size()] == labels[j % labels.size()]; }
    int64_t views() const { return 2 * int64_t(labels.size()); }
};

/// Khosla et al., eq. 2, with the cosines of all views; averaged over the 2N anchors -> [1].
Variable supConLoss(const Variable &z, const Classes &classes, float temperature)
{
    constexpr float kNever = -1e9f; // added to an anchor's similarity with itself
    const int64_t views = classes.views();
    std::vector<float> self(size_t(views * views), 0), share(self);
    for (int64_t i = 0; i < views; ++i) {
        int64_t positives = -1; // but itself
        for (int64_t j = 0; j < views; ++j)
            positives += classes.same(i, j);
        self[i * views + i] = kNever;
        for (int64_t j = 0; j < views; ++j)
            share[i * views + j] = i != j && classes.same(i, j) ? 1 / (float(positives) * float(views)) : 0;
    }
    const Variable cosines = scale(matmul(z, z, false, true), 1 / temperature);
    const Variable logShare = logSoftmax(add(cosines, Variable(Tensor::fromHost(self, {views, views}))));
    return scale(sum(multiply(logShare, Variable(Tensor::fromHost(share, {views, views})))), -1);
}

class SupCon : public Method
{
public:
    explicit SupCon(const MethodParts &parts) { m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]), z = normalize(m_heads(h));
        recordFeatures(h, input.recorder);
        const Classes classes{input.batch.labels};
        recordNearest(z.value(), input.recorder);
        offerShares(z.value(), classes, input);
        return supConLoss(z, classes, static_cast<float>(input.knobs.real("temperature")));
    }

private:
    static void offerShares(const Tensor &z, const Classes &classes, const StepInput &input)
    {
        const auto temperature = [&knobs = input.knobs] { return static_cast<float>(knobs.real("temperature")); };
        input.recorder.heavy("similarity/softmax",
                             [=] { return shownCosines(z, [t = temperature()](const Matrix &cosines) { return softmaxRows(cosines, t); }); });
        input.recorder.heavy("similarity/gradient", [=] {
            return shownCosines(z, [classes, t = temperature()](const Matrix &cosines) {
                return softmaxWhere(cosines, t, [&](int64_t i, int64_t j) { return !classes.same(i, j); });
            });
        });
    }

    Heads m_heads;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{temperatureKnob(
        0.1, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the most similar samples of other classes alone push."))};
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType supconMethod()
{
    return {.name = "supcon",
            .title = PRETEXT_SAID("SupCon"),
            .help = PRETEXT_SAID("Pulls all samples of a class together and pushes other classes away: with labels, for comparison (Khosla et al. 2020)."),
            .family = Family::labels,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SupCon>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews,
            .labels = true};
}

} // namespace pretext
