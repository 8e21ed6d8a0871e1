#include "core/ssl/siamese.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"
#include "core/nn/encoder.h"
#include "core/ssl/similarity.h"

#include <stdexcept>

namespace pretext {

std::vector<Knob> siameseKnobs(double width)
{
    return {
        {.name = "stop_gradient",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("Holds the other view's side still while a view learns to predict it. Switched off, both sides move towards each other, and the "
                              "shortest way is to say the same of every image: the embeddings collapse. Switched on again, they hardly come apart, as the "
                              "loss is at its best already; rewind, or begin anew.")},
        {.name = "predictor",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::live,
         .help =
             PRETEXT_SAID("Predicts the other view's projection from a view's own. Switched off, the projections themselves are compared, and the embeddings "
                          "collapse although the stop-gradient is on, the more slowly the slower a teacher follows. Switched on again, it drives them "
                          "apart at once, if not as far as they were.")},
        wholeKnob("predictor.width", {8, 4096, true}, width,
                  PRETEXT_SAID("Hidden units of the predictor; fewer than the projection has dimensions make it a bottleneck.")),
    };
}

std::unique_ptr<Module> makePredictor(const KnobSet &knobs, Random &random)
{
    const int dimension = knobs.integer("projector.dimension");
    return makeProjector(dimension, knobs.integer("predictor.width"), dimension, 2, random);
}

Variable meanCosineWithOther(const Variable &prediction, const Variable &target)
{
    const int64_t rows = target.shape()[0], pairs = rows / 2;
    if (target.shape().rank() != 2 || pairs < 1 || rows != 2 * pairs)
        throw std::invalid_argument("[siamese] the targets are not [2N, D] but " + target.shape().str());
    return scale(sum(multiply(normalize(prediction), ofOtherView(normalize(target)))), 1 / float(rows));
}

} // namespace pretext
