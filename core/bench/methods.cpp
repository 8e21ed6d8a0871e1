// A step of other methods than SimCLR, without making its views: BYOL, MoCo and SwAV on the residual network of the SimCLR rows, of width 16, with its
// projector, on 256 pairs of 28 x 28 x 1; MAE on a vision transformer (patches of 4, width 64, 4 blocks, a decoder of one) that sees a quarter of the
// patches of 256 images. AdamW; followers follow.
#include "core/bench/images.h"
#include "core/bench/row.h"

#include "core/engine/model.h"

#include <numeric>

namespace pretext::bench {

namespace {

constexpr int kMethodSamples = 256, kMethodSide = 28, kMethodWidth = 16;

/// Nobody looks at what a step leaves behind.
struct Unseen : Recorder
{
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &, std::function<Shown()>) override {}
};

/// What the twins in pytorch.py are built with.
RunConfig configOf(const std::string &method)
{
    const RunConfig simclr = blobConfig(*blobs(16), kMethodWidth);
    const std::string encoder = method == "mae" ? "vit" : "resnet";
    RunConfig config = makeConfig(method, encoder, "blobs", blobs(16)->info());
    config.batch = kMethodSamples;
    for (const auto &[name, value] : simclr.knobs.values())
        if (config.knobs.find(name) && (encoder == "resnet" || !name.starts_with("encoder.")))
            config.knobs.set(name, value);
    for (const auto &[name, value] : std::initializer_list<std::pair<const char *, KnobValue>>{
             {"predictor.width", 4. * kMethodWidth}, {"queue.size", 4096.}, {"prototypes", 256.}, {"teacher.momentum", 0.99}, {"mask.ratio", 0.75}})
        if (config.knobs.find(name))
            config.knobs.set(name, value);
    return config;
}

class MethodStep : public SteppedWork
{
public:
    MethodStep(const std::string &method, Precision precision)
        : m_precision(precision)
        , m_config(configOf(method))
        , m_model(makeModel(m_config, ImageShape{kMethodSide, kMethodSide, 1}))
        , m_parameters(parametersOf(m_model))
    {
        const int views = viewCount(methodType(method).views(m_config.knobs));
        m_batch.indices.resize(kMethodSamples);
        std::iota(m_batch.indices.begin(), m_batch.indices.end(), 0);
        Random random(1);
        m_batch.pixels.resize(size_t(views) * kMethodSamples * kMethodSide * kMethodSide);
        for (float &pixel : m_batch.pixels)
            pixel = random.normal();
        m_views = Variable(Tensor::fromHost(m_batch.pixels, {views * kMethodSamples, kMethodSide, kMethodSide, 1}));
    }

protected:
    void step() override
    {
        for (NamedParameter &parameter : m_parameters)
            parameter.variable.clearGrad();
        {
            const Autocast autocast(m_precision);
            backward(m_model.method->loss(*m_model.encoder, {m_batch, {m_views}, {}, m_config.knobs, m_recorder}));
        }
        m_model.optimizer->step(1e-3f);
        finishStep(m_model, m_config, ++m_steps);
    }

private:
    Precision m_precision;
    RunConfig m_config;
    Model m_model;
    std::vector<NamedParameter> m_parameters;
    Batch m_batch;
    Variable m_views;
    Unseen m_recorder;
    int64_t m_steps = 0;
};

Row methodRow(const std::string &method, const std::string &what)
{
    return {.name = method,
            .help = what + ", 28x28x1, " + std::to_string(kMethodSamples) + (method == "mae" ? " images" : " pairs") + ", AdamW",
            .steps = 5,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<MethodStep>(row.name, row.precision); }};
}

} // namespace

std::vector<Row> methodsRows()
{
    return {methodRow("byol", "BYOL step, ResNet-8 of width 16 and its teacher"),
            methodRow("moco", "MoCo step, ResNet-8 of width 16 and its teacher, a queue of 4096"),
            methodRow("swav", "SwAV step, ResNet-8 of width 16, 256 prototypes"), methodRow("mae", "MAE step, ViT of width 64 and 4 blocks, 49 patches")};
}

} // namespace pretext::bench
