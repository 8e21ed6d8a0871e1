// Rotation prediction (Gidaris et al. 2018, "Unsupervised representation learning by predicting image rotations"): each image is turned by a random
// number of quarter turns, and the encoder has to tell by how many, for which it must know what is shown. N samples, one view of each.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/nn/layers.h"
#include "core/ssl/guessing.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/similarity.h"
#include "core/tensor/random.h"

#include <memory>
#include <vector>

namespace pretext {

namespace {

/// Quarter turns of square images, else half turns, since a quarter turn would change the image's shape.
int turnsOf(ImageShape shape)
{
    return shape.height == shape.width ? 4 : 2;
}

/// Augmented views, each turned, with its turn as target.
class Turning : public BatchMaker
{
public:
    Turning(const SampleSource &source, const KnobSet &knobs) : m_views(makeViewMaker(source, knobs)) {}

    void begin(Batch &batch) const override
    {
        m_views->begin(batch);
        batch.targets.resize(batch.records.size());
    }

    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        m_views->make(batch, seed, place);
        const int turns = turnsOf(batch.shape);
        const auto target = static_cast<int32_t>(Random(seed + kStream, batch.epoch, uint32_t(batch.indices[place])).below(uint32_t(turns)));
        batch.targets[place] = target;
        if (target == 0)
            return;
        const int quarters = target * 4 / turns;
        turnView(batch, place, quarters);
        tell(batch.records[place], 90.f * float(quarters));
    }

private:
    /// As a turn of the augmentation of that name, beside its own where it is switched on.
    static void tell(ViewRecord &record, float degrees)
    {
        if (const Deed *turned = record.find("rotation"))
            record.deeds[turned - record.deeds.data()].amounts[0] += degrees;
        else
            record.add("rotation", {degrees});
    }

    static constexpr uint64_t kStream = 0x7075726e5f627931; // apart from the augmentations' draws
    std::unique_ptr<BatchMaker> m_views;
};

Guesses turnsAsked(int turns)
{
    Guesses asked{.task = PRETEXT_SAID("By how much is the image turned?"), .answers = {"0°", "180°"}};
    if (turns == 4)
        asked.answers = {"0°", PRETEXT_SAID("90° counter-clockwise"), "180°", PRETEXT_SAID("90° clockwise")};
    return asked;
}

class Rotation : public Method
{
public:
    explicit Rotation(const MethodParts &parts)
        : m_classifier(m_heads.add("classifier", std::make_unique<Linear>(parts.encoder.dimension(), turnsOf(parts.input.image), true, parts.random)))
        , m_asked(turnsAsked(turnsOf(parts.input.image)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]);
        const Variable logits = m_classifier(h);
        recordGuesses(logits.value(), input.batch.targets, m_asked, "rotation", input.recorder);
        input.recorder.heavy("embeddings", [h = h.value()] { return shownMatrix(h); });
        return crossEntropy(logits, input.targets);
    }

private:
    Heads m_heads;
    Module &m_classifier;
    const Guesses m_asked;
};

std::vector<Knob> knobs(const InputShape &)
{
    return {};
}

} // namespace

MethodType rotationMethod()
{
    return {.name = "rotation",
            .title = PRETEXT_SAID("Rotation prediction"),
            .help = PRETEXT_SAID("Turns each image by quarter turns and predicts by how many (Gidaris et al. 2018)."),
            .family = Family::pretext,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Rotation>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .maker = [](const SampleSource &source, const KnobSet &knobs) -> std::unique_ptr<BatchMaker> { return std::make_unique<Turning>(source, knobs); },
            .panel = "taskpredictions"};
}

} // namespace pretext
