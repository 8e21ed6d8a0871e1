#include "core/ssl/classify.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/ssl/guessing.h"
#include "core/ssl/similarity.h"

#include <utility>
#include <vector>

namespace pretext {

Variable besideEachOther(const Variable &h, int64_t samples)
{
    std::vector<Variable> views;
    for (int64_t first = 0; first < h.shape()[0]; first += samples)
        views.push_back(sliceRows(h, first, samples));
    return concat(views, 1);
}

CutsClassifier::CutsClassifier(const MethodParts &parts, int views, Guesses asked, std::string name)
    : m_classifier(m_heads.add(
        "classifier", makeProjector(views * parts.encoder.dimension(), parts.knobs.integer("classifier.width"), int(asked.answers.size()), 2, parts.random)))
    , m_asked(std::move(asked))
    , m_name(std::move(name))
{
}

Variable CutsClassifier::loss(Encoder &encoder, const StepInput &input)
{
    const auto samples = int64_t(input.batch.indices.size());
    m_targets.assign(input.batch.targets.begin(), input.batch.targets.begin() + samples); // those of the other views are the same
    const Variable h = embedViews(encoder, input.views[0]), logits = m_classifier(besideEachOther(h, samples));
    recordGuesses(logits.value(), m_targets, m_asked, m_name, input.recorder);
    input.recorder.heavy("embeddings", [h = h.value()] { return shownMatrix(h); });
    return crossEntropy(logits, Tensor::fromHost(m_targets, Shape{samples}));
}

Knob classifierKnob(double width)
{
    return {.name = "classifier.width",
            .kind = KnobKind::integer,
            .minimum = 8,
            .maximum = 4096,
            .logarithmic = true,
            .defaultValue = width,
            .effect = KnobEffect::restart,
            .help =
                PRETEXT_SAID("Hidden units of the head that sees all pieces together: the more it can work out by itself, the less the encoder has to say.")};
}

} // namespace pretext
