// Supervised training of the same encoder, for comparison: a linear layer behind it names the class of each sample, and the loss is the cross-entropy with
// smoothed labels (Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7). For long-tailed data the logits in the loss
// are adjusted by how common each class is (Menon et al. 2021, "Long-tail learning via logit adjustment", equation 10). N samples, one view of each; K classes.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/nn/layers.h"
#include "core/ssl/guessing.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

namespace pretext {

namespace {

int classesOf(const MethodParts &parts)
{
    if (parts.classes < 1)
        throw std::invalid_argument("[supervised] " + said("classes is %1; it must say how many the labels name", {parts.classes}));
    return parts.classes;
}

/// The logarithm of each class's share of the samples that are trained on [K]; of an even share until it is told the data.
class ClassPrior : public Module
{
public:
    explicit ClassPrior(int classes)
        : m_log(addBuffer("log", Tensor::fromHost(std::vector<float>(size_t(classes), -std::log(float(classes))), {1, classes}), true))
    {
    }

    void count(const Dataset &data)
    {
        std::vector<int64_t> counts(size_t(m_log.size()), 0);
        for (int64_t i = 0; i < data.size(Split::train); ++i)
            ++counts.at(size_t(data.label(Split::train, i)));
        std::vector<float> logs;
        for (const int64_t count : counts) // a class without samples counts as if it had one: no logit becomes infinite
            logs.push_back(float(std::log(double(std::max<int64_t>(1, count)) / double(data.size(Split::train)))));
        m_log.setFromHost(logs);
    }

    /// [N, K] -> [N, K], with τ times the logarithms added.
    Variable adjusted(const Variable &logits, float strength) const { return add(logits, scale(Variable(m_log), strength)); }

protected:
    Variable forward(const Variable &logits) override { return adjusted(logits, 1); }

private:
    Tensor m_log;
};

/// Answers without words are the data's classes.
Guesses classAsked(int classes)
{
    return {.task = PRETEXT_SAID("Which class does the image belong to?"), .answers = std::vector<std::string>(size_t(classes))};
}

class Supervised : public Method
{
public:
    explicit Supervised(const MethodParts &parts)
        : m_classes(m_heads.add("classes", std::make_unique<Linear>(parts.encoder.dimension(), classesOf(parts), true, parts.random)))
        , m_prior(m_followers.add("prior", std::make_unique<ClassPrior>(parts.classes)))
        , m_asked(classAsked(parts.classes))
    {
    }

    Module &heads() override { return m_heads; }
    Module *followers() override { return &m_followers; }
    void startOn(const Dataset &data) override { m_prior.count(data); }
    Module *projector() override { return nullptr; }

    /// (1 - ε) of the cross-entropy with the labels and ε of that with an even share of all classes. What is recorded are the predictions, without adjustment.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]), predicted = m_classes(h);
        m_labels = input.batch.labels;
        recordGuesses(predicted.value(), m_labels, m_asked, "classes", input.recorder);
        input.recorder.heavy("embeddings", [h = h.value()] { return shownMatrix(h); });
        const auto smoothing = static_cast<float>(input.knobs.real("label.smoothing"));
        const auto adjustment = static_cast<float>(input.knobs.real("logit.adjustment"));
        const Variable logits = adjustment > 0 ? m_prior.adjusted(predicted, adjustment) : predicted;
        const Variable told = crossEntropy(logits, input.labels);
        return smoothing > 0 ? subtract(scale(told, 1 - smoothing), scale(mean(logSoftmax(logits)), smoothing)) : told;
    }

private:
    Heads m_heads, m_followers;
    Module &m_classes;
    ClassPrior &m_prior;
    const Guesses m_asked;
    std::vector<int32_t> m_labels; // of the batch that loss() saw last
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
                                  "samples; the more, the tighter and the more evenly spaced the classes lie on the map.")},
            {.name = "logit.adjustment",
             .symbol = "τ",
             .kind = KnobKind::real,
             .minimum = 0,
             .maximum = 3,
             .defaultValue = 0.0,
             .effect = KnobEffect::live,
             .help = PRETEXT_SAID(
                 "For long-tailed data: adds τ times the logarithm of each class's share of the samples to its logit in the loss, so that a rare class "
                 "has to win by more. At 1 all classes count alike: rare ones are told better, and common ones worse, than at 0. On data "
                 "whose classes are equally common it changes nothing.")}};
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
            .labels = true,
            .panel = "taskpredictions"};
}

} // namespace pretext
