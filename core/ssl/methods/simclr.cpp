// SimCLR (Chen et al. 2020, "A simple framework for contrastive learning of visual representations"): two views of a sample are pulled
// together and pushed from all other views of the batch. N pairs, z [2N, D] of unit rows, rows i and i + N positive.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/ssl/method.h"

#include <cmath>
#include <span>

namespace pretext {

namespace {

class Heads : public Module
{
public:
    explicit Heads(std::unique_ptr<Module> projector) : m_projector(addModule("projector", std::move(projector))) {}

protected:
    Variable forward(const Variable &h) override { return m_projector(h); }

private:
    Module &m_projector;
};

Matrix hostMatrix(const Tensor &x)
{
    return {x.shape()[0], x.shape()[1], x.toHost()};
}

/// Cosines of all pairs of rows, [2N, 2N].
Matrix cosines(const Tensor &z)
{
    Tensor result(Shape{z.shape()[0], z.shape()[0]}, DType::f32, z.device());
    backendOf(z).matmul(z, z, {.transposeB = true}, result);
    return hostMatrix(result);
}

/// Share of anchors whose positive is their nearest view.
double contrastiveAccuracy(const Matrix &cosine)
{
    const int64_t n = cosine.rows, pairs = n / 2;
    int64_t right = 0;
    for (int64_t i = 0; i < n; ++i) {
        const int64_t positive = (i + pairs) % n;
        const float *row = &cosine.values[i * n];
        bool nearest = true;
        for (int64_t j = 0; j < n; ++j)
            nearest &= j == i || j == positive || row[j] < row[positive];
        right += nearest;
    }
    return double(right) / double(n);
}

struct MeanSimilarities { double positive, negative; };

/// Means over all positives and over all negatives. All pairs together are |sum of rows|^2, so no negative is visited.
MeanSimilarities meanSimilarities(const Matrix &z)
{
    const int64_t n = z.rows, pairs = n / 2, d = z.columns;
    std::vector<double> sum(d, 0);
    double positives = 0, self = 0;
    for (int64_t i = 0; i < n; ++i) {
        const float *row = &z.values[i * d], *positive = &z.values[(i + pairs) % n * d];
        for (int64_t k = 0; k < d; ++k) {
            sum[k] += row[k];
            positives += double(row[k]) * positive[k];
            self += double(row[k]) * row[k];
        }
    }
    double all = 0;
    for (double s : sum)
        all += s * s;
    const double negatives = double(n) * double(n - 2);
    return {positives / double(n), (all - self - positives) / negatives};
}

class SimClr : public Method
{
public:
    SimClr(const KnobSet &knobs, int embeddingDimension, Random &random)
        : m_heads(makeProjector(embeddingDimension, knobs.integer("projector.width"), knobs.integer("projector.dimension"),
                                knobs.integer("projector.depth"), random))
    {
    }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = normalize(m_heads(embed(encoder, input.views)));
        record(z.value(), input.recorder);
        return ntXent(z, static_cast<float>(input.knobs.real("temperature")));
    }

private:
    static Variable embed(Encoder &encoder, const Variable &views)
    {
        const Scope scope("encoder");
        return encoder(views);
    }

    static void record(const Tensor &z, Recorder &recorder)
    {
        const MeanSimilarities mean = meanSimilarities(hostMatrix(z));
        recorder.scalar("similarity/positive", mean.positive);
        recorder.scalar("similarity/negative", mean.negative);
        recorder.scalar("accuracy/contrastive", contrastiveAccuracy(cosines(z)));
        recorder.heavy("embeddings", [z] { return hostMatrix(z); });
        recorder.heavy("similarity", [z] { return cosines(z); });
    }

    Heads m_heads;
};

std::vector<Knob> knobs()
{
    return {
        {.name = "temperature", .symbol = "τ", .kind = KnobKind::real, .minimum = 0.01, .maximum = 1, .logarithmic = true, .defaultValue = 0.2,
         .choices = {}, .effect = KnobEffect::live,
         .help = "Divides the cosines before the softmax: the lower, the more the hardest negatives alone push."},
        {.name = "projector.width", .symbol = "", .kind = KnobKind::integer, .minimum = 8, .maximum = 4096, .logarithmic = true, .defaultValue = 256.0,
         .choices = {}, .effect = KnobEffect::restart, .help = "Hidden units of the projector, the head that is thrown away after training."},
        {.name = "projector.dimension", .symbol = "D", .kind = KnobKind::integer, .minimum = 2, .maximum = 1024, .logarithmic = true, .defaultValue = 128.0,
         .choices = {}, .effect = KnobEffect::restart, .help = "Dimension of the sphere on which views are compared."},
        {.name = "projector.depth", .symbol = "", .kind = KnobKind::integer, .minimum = 1, .maximum = 4, .logarithmic = false, .defaultValue = 2.0,
         .choices = {}, .effect = KnobEffect::restart,
         .help = "Layers of the projector: the deeper, the more the encoder may keep of what the augmentations destroy."},
    };
}

} // namespace

MethodType simclrMethod()
{
    return {.name = "simclr", .title = "SimCLR", .help = "Pulls two views of a sample together and pushes all others away, with NT-Xent (Chen et al. 2020).",
            .views = 2, .knobs = knobs,
            .make = [](const KnobSet &values, int dimension, Random &random) -> std::unique_ptr<Method> {
                return std::make_unique<SimClr>(values, dimension, random);
            }};
}

} // namespace pretext
