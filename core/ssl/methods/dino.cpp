// DINO (Caron et al. 2021, "Emerging properties in self-supervised vision transformers", algorithm 1): a student has to share a view out among the
// prototypes as its teacher shares out the sample's other view. Two things keep the teacher from saying the same of every image, which would be the
// easiest to learn: centring, which takes away what it says of all, and sharpening, a temperature lower than the student's; each alone fails in its own
// way. N samples in two large views and as many small crops as are asked for (see multicrop.h), which the student alone is given; scores [VN, K], rows i,
// i + N, ... of one sample.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/follow.h"
#include "core/nn/heads.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/multicrop.h"
#include "core/ssl/projector.h"
#include "core/ssl/prototypes.h"
#include "core/ssl/similarity.h"
#include "core/ssl/teacher.h"
#include "core/tensor/arithmetic.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

/// The mean of the teacher's scores over the batches before, [1, K].
class Centre : public Module
{
public:
    explicit Centre(int64_t prototypes) : m_mean(addBuffer("mean", Tensor::zeros({1, prototypes}))) {}
    void move(const Tensor &mean, float momentum) { lerp(mean, 1 - momentum, m_mean); }

protected:
    Variable forward(const Variable &scores) override { return subtract(scores, Variable(m_mean)); }

private:
    Tensor m_mean;
};

class Dino : public Method
{
public:
    explicit Dino(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)))
        , m_prototypes(m_heads.add("prototypes", makePrototypes(parts)))
        , m_teacher(m_followers.add("teacher", std::make_unique<Teacher>(parts, LastLayer::biased)))
        , m_teachersPrototypes(m_followers.add("teacher_prototypes", makePrototypes(parts)))
        , m_centre(m_followers.add("centre", std::make_unique<Centre>(parts.knobs.integer("prototypes"))))
    {
    }

    Module &heads() override { return m_heads; }
    Module *followers() override { return &m_followers; }
    void startFollowers(Encoder &encoder) override { lead(encoder, 0); }

    /// Equation 3, over its number of terms.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const auto number = [&knobs = input.knobs](const char *name) { return static_cast<float>(knobs.real(name)); };
        const int64_t large = input.views[0].shape()[0];
        const Variable z = m_projector(embedAllViews(encoder, input.views));
        recordViews(normalize(detach(z)).value(), input.recorder, 2 * z.shape()[0] / large);
        const Variable projected = m_teacher(input.views[0]), taught = teachersScores(projected);
        m_teacher.record(encoder, {normalize(detach(z)).value(), 0}, {normalize(projected).value(), 0}, z.shape()[0], input.recorder);
        const float temperature = input.knobs.boolean("sharpening") ? number("teacher.temperature") : 1;
        const Variable shares = detach(softmax(scale(input.knobs.boolean("centring") ? m_centre(taught) : taught, 1 / temperature)));
        recordShares(shares.value(), input.recorder);
        const Variable scores = m_prototypes(z);
        recordForetold(scores.value(), number("temperature"), input.recorder);
        return foretellShares(scores, number("temperature"), shares);
    }

    void afterStep(Encoder &encoder, const StepDone &done) override
    {
        lead(encoder, static_cast<float>(done.knobs.real("teacher.momentum")));
        m_centre.move(m_meanScores, static_cast<float>(done.knobs.real("centre.momentum")));
    }

private:
    static std::unique_ptr<Prototypes> makePrototypes(const MethodParts &parts)
    {
        return std::make_unique<Prototypes>(parts.knobs.integer("projector.dimension"), parts.knobs.integer("prototypes"), parts.random);
    }

    void lead(const Encoder &encoder, float momentum)
    {
        m_teacher.follow(encoder, m_projector, momentum);
        follow(m_teachersPrototypes, m_prototypes, momentum);
    }

    Variable teachersScores(const Variable &projected)
    {
        const NoGrad noGrad;
        const Variable scores = m_teachersPrototypes(projected);
        m_meanScores = mean(scores, 0).value();
        return scores;
    }

    Heads m_heads, m_followers;
    Module &m_projector;
    Prototypes &m_prototypes;
    Teacher &m_teacher;
    Prototypes &m_teachersPrototypes;
    Centre &m_centre;
    Tensor m_meanScores; // of the batch that loss() saw last
};

Knob teachersTemperatureKnob()
{
    Knob knob =
        temperatureKnob(0.04, PRETEXT_SAID("Divides the teacher's scores: lower than the student's, it makes the teacher surer than it is, which keeps its "
                                           "shares from becoming all alike."));
    knob.name = "teacher.temperature";
    knob.symbol = "τt";
    return knob;
}

Knob switchKnob(const char *name, const char *help)
{
    return {.name = name, .kind = KnobKind::boolean, .defaultValue = true, .effect = KnobEffect::live, .help = help};
}

std::vector<Knob> knobs(const InputShape &input)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.1, PRETEXT_SAID("Divides the student's scores before the softmax: the lower, the surer the student may sound.")),
        teachersTemperatureKnob(),
        switchKnob("centring", PRETEXT_SAID("Takes away from the teacher's scores what they are on average. Switched off, few prototypes soon get every image, "
                                            "which prototypes/used tells; switched on again, it brings the others back.")),
        switchKnob("sharpening",
                   PRETEXT_SAID("Uses the teacher's temperature. Switched off, it is 1, and the teacher soon gives every prototype the same share.")),
        {.name = "centre.momentum",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 0.999,
         .defaultValue = 0.9,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("What the centre keeps of itself at each step; the rest is the mean of the batch: the higher, the slower it follows.")},
        teacherMomentumKnob(),
        prototypesKnob(512)};
    std::ranges::copy(smallCropKnobs(input), std::back_inserter(knobs));
    std::ranges::copy(projectorKnobs(256, 64, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType dinoMethod()
{
    return {.name = "dino",
            .title = PRETEXT_SAID("DINO"),
            .help = PRETEXT_SAID("Shares views out among prototypes as a slower teacher does the other view, centred and sharpened (Caron et al. 2021)."),
            .family = Family::clustering,
            .views = largeAndSmallViews,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Dino>(parts); },
            // In minutes there are hundreds of steps, so the teacher has to be quicker than the paper's 0.996.
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"teacher.momentum", 0.97}});
                },
            .kinds = kAnyWithViews,
            .fall = -0.5}; // the teacher becomes surer as it learns, and the student has more to say
}

} // namespace pretext
