// Self-attention, forward and backward: 8 samples, 4 heads of 32 features, without mask or dropout.
#include "core/bench/row.h"

#include "core/backend/backend.h"
#include "core/tensor/random.h"

namespace pretext::bench {

namespace {

constexpr int kSamples = 8, kAttentionHeads = 4, kAttentionWidth = 128;

class AttentionStep : public SteppedWork
{
public:
    explicit AttentionStep(int context)
        : m_qkv(drawn({kSamples, context, 3 * kAttentionWidth})), m_gradient(drawn({kSamples, context, kAttentionWidth})),
          m_logSumExp({kSamples, kAttentionHeads, context}), m_result({kSamples, context, kAttentionWidth}), m_qkvGradient(m_qkv.shape())
    {
        m_options.heads = kAttentionHeads;
    }

protected:
    void step() override
    {
        const Backend &backend = backendOf(m_qkv);
        Tensor none;
        backend.attention(m_qkv, none, none, {}, m_options, m_logSumExp, m_result);
        backend.attentionBackward(m_qkv, none, none, {}, m_logSumExp, m_result, m_gradient, m_options, m_qkvGradient, none, none);
    }

private:
    Tensor drawn(const Shape &shape)
    {
        std::vector<float> values(size_t(shape.size()));
        for (float &value : values)
            value = m_random.normal();
        return Tensor::fromHost(values, shape);
    }

    Random m_random{1};
    AttentionOptions m_options;
    Tensor m_qkv, m_gradient, m_logSumExp, m_result, m_qkvGradient;
};

/// Two products of all pairs forward, four backward.
Row attentionRow(int context)
{
    const double t = context;
    return {.name = "attention-" + std::to_string(context),
            .help = "Self-attention and its gradient, context " + std::to_string(context) + ", 8 samples, 4 heads of 32 features",
            .flop = 12. * kSamples * t * t * kAttentionWidth, .steps = context > 512 ? 4 : context > 128 ? 20 : 100,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<AttentionStep>(row.size); }, .size = context};
}

} // namespace

std::vector<Row> attentionRows()
{
    return {attentionRow(64), attentionRow(128), attentionRow(256), attentionRow(512), attentionRow(1024)};
}

} // namespace pretext::bench
