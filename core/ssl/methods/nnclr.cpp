// NNCLR (Dwibedi et al. 2021, "With a little help from my friends: nearest-neighbor contrastive learning of visual representations", eq. 3 and 4): the
// positive of a view is not the sample's other view but the embedding nearest to that one in a queue of earlier batches, another sample that looks
// alike. N samples, projections z and predictions p [2N, D] of unit rows, rows i and i + N of one sample, a queue of K first views.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/contrast.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/queue.h"
#include "core/ssl/siamese.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pretext {

namespace {

class Nnclr : public Method
{
public:
    explicit Nnclr(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, LastLayer::plain)))
        , m_predictor(m_heads.add("predictor", makePredictor(parts.knobs, parts.random)))
        , m_queue(m_followers.add(
              "queue", std::make_unique<EmbeddingQueue>(parts.knobs.integer("queue.size"), parts.knobs.integer("projector.dimension"), parts.random)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *followers() override { return &m_followers; }

    /// Equation 4, the mean over both directions: InfoNCE of a view's neighbour with all predictions of the other view.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable projected = m_projector(embedViews(encoder, input.views[0]));
        const int64_t n = projected.shape()[0] / 2;
        const Variable p = normalize(m_predictor(projected)), z = normalize(detach(projected));
        m_firstViews = sliceRows(z, 0, n).value();
        const Variable near = neighbours(z, input);
        const float temperature = static_cast<float>(input.knobs.real("temperature"));
        const Variable forward = matmul(sliceRows(near, 0, n), sliceRows(p, n, n), false, true);
        const Variable backward = matmul(sliceRows(near, n, n), sliceRows(p, 0, n), false, true);
        recordAcross(z.value(), forward.value(), input);
        return scale(add(infoNce(forward, temperature), infoNce(backward, temperature)), 0.5f);
    }

    void afterStep(Encoder &, const StepDone &) override { m_queue.push(m_firstViews); }

private:
    /// The nearest row of the queue to each of z; z itself where neighbours are switched off, which is InfoNCE with a predictor.
    Variable neighbours(const Variable &z, const StepInput &input)
    {
        const Tensor cosines = m_queue(z).value();
        Tensor best({cosines.shape()[0], 1}, DType::f32, cosines.device()), nearest(best.shape(), DType::i32, cosines.device());
        backendOf(cosines).reduce(cosines, {Reduction::max, 1}, best, nearest);
        input.recorder.read({best}, [&recorder = input.recorder](const std::vector<Matrix> &read) {
            double similarity = 0;
            for (const float of : read[0].values)
                similarity += of / double(read[0].rows);
            recorder.scalar("similarity/neighbour", similarity);
        });
        if (!input.knobs.boolean("neighbours"))
            return z;
        return gatherRows(Variable(m_queue.rows()), nearest.reshaped({nearest.size()}));
    }

    Heads m_heads, m_followers;
    Module &m_projector, &m_predictor;
    EmbeddingQueue &m_queue;
    Tensor m_firstViews; // of the batch that loss() saw last
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.1, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the most similar other samples alone push.")),
        {.name = "neighbours",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID(
             "Takes for a view's positive the nearest of the queue, another sample that looks alike; off: its own other view, which is found sooner.")},
        queueKnob(4096)};
    std::ranges::copy_if(siameseKnobs(256), std::back_inserter(knobs), [](const Knob &knob) { return knob.name == "predictor.width"; });
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType nnclrMethod()
{
    return {.name = "nnclr",
            .title = PRETEXT_SAID("NNCLR"),
            .help = PRETEXT_SAID("Takes a view's nearest neighbour among earlier batches for its positive (Dwibedi et al. 2021)."),
            .family = Family::contrastive,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Nnclr>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
