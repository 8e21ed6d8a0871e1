// Supervised training of the same encoder, for comparison: a linear layer behind it names the class of each sample, and the loss is the cross-entropy with
// smoothed labels (Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7). N samples, one view of each; K classes.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/nn/layers.h"
#include "core/ssl/guessing.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/similarity.h"

#include <stdexcept>

namespace pretext {

namespace {

int classesOf(const MethodParts &parts)
{
    if (parts.classes < 1)
        throw std::invalid_argument("[supervised] " + said("classes is %1; it must say how many the labels name", {parts.classes}));
    return parts.classes;
}

class Supervised : public Method
{
public:
    explicit Supervised(const MethodParts &parts)
        : m_classes(m_heads.add("classes", std::make_unique<Linear>(parts.encoder.dimension(), classesOf(parts), true, parts.random)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; }

    /// (1 - ε) of the cross-entropy with the labels and ε of that with an even share of all classes.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]), logits = m_classes(h);
        input.recorder.scalar("accuracy/classes", shareRight(hostMatrix(logits.value()), input.labels.toHostInt()));
        input.recorder.heavy("embeddings", [h = h.value()] { return hostMatrix(h); });
        const auto smoothing = static_cast<float>(input.knobs.real("label.smoothing"));
        const Variable told = crossEntropy(logits, input.labels);
        return smoothing > 0 ? subtract(scale(told, 1 - smoothing), scale(mean(logSoftmax(logits)), smoothing)) : told;
    }

private:
    Heads m_heads;
    Module &m_classes;
};

std::vector<Knob> knobs(const InputShape &)
{
    return {{.name = "label.smoothing",
             .symbol = "ε",
             .kind = KnobKind::real,
             .minimum = 0,
             .maximum = 0.5,
             .defaultValue = 0.1,
             .effect = KnobEffect::live,
             .help = PRETEXT_SAID("How much of each label is shared out evenly among all classes: at 0 the encoder is driven to be ever surer of the training "
                                  "samples; the more, the tighter and the more evenly spaced the classes lie on the map.")}};
}

} // namespace

MethodType supervisedMethod()
{
    return {.name = "supervised",
            .title = PRETEXT_SAID("Supervised"),
            .help = PRETEXT_SAID("Trains the encoder to name each image's class: with labels, for comparison (smoothed as in Szegedy et al. 2016)."),
            .family = Family::labels,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Supervised>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"jitter", false}, {"crop.min_area", 0.6}});
                },
            .labels = true};
}

} // namespace pretext
