// A step of SimCLR without making its views: a residual network of 8 layers (3 x 3 stem, basic blocks of w, 2w, 4w channels, strides 1, 2, 2),
// projector 4w-4w-64, NT-Xent, AdamW; 256 pairs of 28 x 28 x 1.
#include "core/bench/images.h"
#include "core/bench/row.h"

#include "core/engine/model.h"

namespace pretext::bench {

namespace {

constexpr int kPairs = 256, kSide = 28, kStages = 3, kFeatures = 64;

/// Nobody looks at what a step leaves behind.
struct NoRecorder : Recorder
{
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &, std::function<Shown()>) override {}
};

class ContrastiveStep : public SteppedWork
{
public:
    ContrastiveStep(int width, Precision precision)
        : m_precision(precision)
        , m_config(blobConfig(*blobs(16), width))
        , m_model(makeModel(m_config, ImageShape{kSide, kSide, 1}))
        , m_parameters(parametersOf(m_model))
    {
        Random random(1);
        std::vector<float> pixels(size_t(2 * kPairs * kSide * kSide));
        for (float &pixel : pixels)
            pixel = random.normal();
        m_views = Variable(Tensor::fromHost(pixels, {2 * kPairs, kSide, kSide, 1}));
    }

protected:
    void step() override
    {
        for (NamedParameter &parameter : m_parameters)
            parameter.variable.clearGrad();
        const Autocast autocast(m_precision);
        const Variable loss = m_model.method->loss(*m_model.encoder, {m_batch, {m_views}, {}, m_config.knobs, m_recorder});
        backward(loss);
        m_model.optimizer->step(1e-3f);
    }

private:
    Precision m_precision;
    RunConfig m_config;
    Model m_model;
    std::vector<NamedParameter> m_parameters;
    Batch m_batch;
    Variable m_views;
    NoRecorder m_recorder;
};

/// Products of forward times 2 (multiply and add), times 3: backward needs as many for the inputs and again for the weights, but for the
/// stem's input, which is the data.
double contrastiveFlop(int width)
{
    const double w = width;
    double products = 0;
    const double stem = kSide * kSide * 9 * w;
    double side = kSide, channels = w;
    for (int stage = 0; stage < kStages; ++stage) {
        const double filters = w * (1 << stage);
        if (stage > 0)
            side /= 2;
        products += side * side * 9 * (channels + filters) * filters;
        if (stage > 0)
            products += side * side * channels * filters; // the shortcut
        channels = filters;
    }
    const double projector = 4 * w * 4 * w + 4 * w * kFeatures;
    return 2 * (2 * kPairs) * (3 * (products + projector) + 2 * stem);
}

Row contrastiveRow(int width)
{
    return {.name = "simclr-" + std::to_string(width),
            .help = "SimCLR step, ResNet-8 of width " + std::to_string(width) + ", 28x28x1, 256 pairs, AdamW",
            .flop = contrastiveFlop(width),
            .steps = width > 16 ? 2 : 5,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<ContrastiveStep>(row.size, row.precision); },
            .size = width};
}

} // namespace

std::vector<Row> simclrRows()
{
    return {contrastiveRow(16), contrastiveRow(32)};
}

} // namespace pretext::bench
