// BYOL (Grill et al. 2020, "Bootstrap your own latent"): the online network, an encoder, a projector and a predictor, predicts what a teacher, an
// encoder and a projector that follow by exponential moving average, makes of the sample's other view. N samples, projections z and predictions q
// [2N, D], rows i and i + N of one sample. Both views go through a network as one batch, so that batch norm sees them together. The projector ends
// without a bias, which the predictor's batch norm would take away.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/siamese.h"
#include "core/ssl/similarity.h"
#include "core/ssl/teacher.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

class Byol : public Method
{
public:
    explicit Byol(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, LastLayer::plain)))
        , m_predictor(m_heads.add("predictor", makePredictor(parts.knobs, parts.random)))
        , m_teacher(m_followers.add("teacher", std::make_unique<Teacher>(parts, LastLayer::plain)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *followers() override { return &m_followers; }
    void startFollowers(Encoder &encoder) override { m_teacher.follow(encoder, m_projector, 0); }

    /// Equation 2 in both directions: 4 - 4 times the mean cosine of predictions and targets. Without the stop-gradient the target is the online
    /// network's own projection, with its gradient: the teacher's weights are not the optimizer's to move.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable &views = input.views[0];
        const Variable z = m_projector(embedViews(encoder, views));
        recordViews(normalize(detach(z)).value(), input.recorder);
        const Variable q = input.knobs.boolean("predictor") ? m_predictor(z) : z;
        const bool taught = input.knobs.boolean("stop_gradient");
        const Variable target = taught ? m_teacher(views) : z;
        m_teacher.record(encoder, {normalize(detach(q)).value()}, {taught ? normalize(target).value() : Tensor()}, views.shape()[0], input.recorder);
        return add(scale(meanCosineWithOther(q, target), -4), 4);
    }

    void afterStep(Encoder &encoder, const StepDone &done) override
    {
        m_teacher.follow(encoder, m_projector, static_cast<float>(done.knobs.real("teacher.momentum")));
    }

private:
    Heads m_heads, m_followers;
    Module &m_projector, &m_predictor;
    Teacher &m_teacher;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{teacherMomentumKnob()};
    std::ranges::copy(siameseKnobs(256), std::back_inserter(knobs));
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType byolMethod()
{
    return {.name = "byol",
            .title = PRETEXT_SAID("BYOL"),
            .help = PRETEXT_SAID("Predicts what a teacher, which follows the encoder slowly, makes of the other view; without negatives (Grill et al. 2020)."),
            .family = Family::withoutNegatives,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Byol>(parts); },
            // In minutes there are hundreds of steps, not the paper's hundred thousands, so the teacher has to be quicker.
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"teacher.momentum", 0.95}});
                },
            .kinds = kAnyWithViews};
}

} // namespace pretext
