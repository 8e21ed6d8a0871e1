// MoCo v2 (He et al. 2020, "Momentum contrast for unsupervised visual representation learning", algorithm 1; Chen et al. 2020, "Improved baselines with
// momentum contrastive learning"): the encoder's query of a sample's first view has to find the teacher's key of the second one among a queue of the
// keys of earlier batches. The teacher follows slowly, so that old keys and new ones agree. N samples, queries q and keys k [N, D] of unit rows, a queue
// of K keys. Each network sees its own view of a batch; there is one device, so nothing is shuffled between devices.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/guessing.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/queue.h"
#include "core/ssl/similarity.h"
#include "core/ssl/teacher.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pretext {

namespace {

class MoCo : public Method
{
public:
    explicit MoCo(const MethodParts &parts)
        : m_projector(m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)))
        , m_teacher(m_followers.add("teacher", std::make_unique<Teacher>(parts, LastLayer::biased)))
        , m_queue(m_followers.add(
              "queue", std::make_unique<EmbeddingQueue>(parts.knobs.integer("queue.size"), parts.knobs.integer("projector.dimension"), parts.random)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *followers() override { return &m_followers; }
    void startFollowers(Encoder &encoder) override { m_teacher.follow(encoder, m_projector, 0); }

    /// He et al., eq. 1: cross-entropy of the own key, column 0 of [N, 1 + K], by cosine over the temperature.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const int64_t n = input.views[0].shape()[0] / 2;
        const Variable q = normalize(m_projector(embedViews(encoder, sliceRows(input.views[0], 0, n))));
        const Variable k = normalize(m_teacher(sliceRows(input.views[0], n, n)));
        m_keys = k.value();
        const Variable cosines = concatColumns(sum(multiply(q, k), 1), m_queue(q));
        record(concatRows(detach(q), k).value(), cosines.value(), input.recorder);
        m_teacher.record(encoder, {q.value(), 0}, {k.value(), n}, 2 * n, input.recorder);
        const float temperature = static_cast<float>(input.knobs.real("temperature"));
        return crossEntropy(scale(cosines, 1 / temperature), Tensor::fromHost(std::vector<int32_t>(size_t(n), 0), Shape{n}));
    }

    void afterStep(Encoder &encoder, const StepDone &done) override
    {
        m_queue.push(m_keys);
        m_teacher.follow(encoder, m_projector, static_cast<float>(done.knobs.real("teacher.momentum")));
    }

private:
    static void record(const Tensor &views, const Tensor &cosines, Recorder &recorder)
    {
        recordViews(views, recorder);
        recorder.read({cosines}, [&recorder](const std::vector<Matrix> &read) { recorder.scalar("accuracy/contrastive", shareOfFirst(read[0])); });
    }

    Heads m_heads, m_followers;
    Module &m_projector;
    Teacher &m_teacher;
    EmbeddingQueue &m_queue;
    Tensor m_keys; // of the batch that loss() saw last
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.1, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the most similar keys of the queue alone push.")),
        queueKnob(4096), teacherMomentumKnob()};
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType mocoMethod()
{
    return {.name = "moco",
            .title = PRETEXT_SAID("MoCo v2"),
            .help = PRETEXT_SAID("Finds the teacher's key of the other view among a queue of keys of earlier batches (He et al. 2020)."),
            .family = Family::contrastive,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<MoCo>(parts); },
            // In minutes there are hundreds of steps, not hundred thousands, so the teacher has to be quicker than the paper's 0.999.
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"teacher.momentum", 0.98}});
                },
            .kinds = kAnyWithViews};
}

} // namespace pretext
