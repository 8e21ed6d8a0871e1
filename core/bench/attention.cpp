// Self-attention, forward and backward: 8 samples, 4 heads of 32 features, without mask or dropout. In bf16 a step begins with rounding its
// operands and ends with their gradient in floats, as with autocast.
#include "core/bench/row.h"

#include "core/backend/backend.h"
#include "core/tensor/random.h"

namespace pretext::bench {

namespace {

constexpr int kSamples = 8, kAttentionHeads = 4, kAttentionWidth = 128;

class AttentionStep : public SteppedWork
{
public:
    AttentionStep(int context, Precision precision)
        : m_given(drawn({kSamples, context, 3 * kAttentionWidth}))
        , m_dgiven(m_given.shape())
        , m_logSumExp({kSamples, kAttentionHeads, context})
    {
        const DType type = precision == Precision::bf16 ? DType::bf16 : DType::f32;
        m_options.heads = kAttentionHeads;
        m_y = Tensor({kSamples, context, kAttentionWidth}, type), m_dy = Tensor(m_y.shape(), type);
        backendOf(m_dy).copy(drawn(m_y.shape()), m_dy);
        m_qkv = type == DType::f32 ? m_given : Tensor(m_given.shape(), type);
        m_dqkv = type == DType::f32 ? m_dgiven : Tensor(m_given.shape(), type);
    }

protected:
    void step() override
    {
        const Backend &backend = backendOf(m_qkv);
        const bool rounds = m_qkv.type() == DType::bf16;
        Tensor none;
        if (rounds)
            backend.copy(m_given, m_qkv);
        backend.attention(m_qkv, none, none, {}, m_options, m_logSumExp, m_y);
        backend.attentionBackward(m_qkv, none, none, {}, m_logSumExp, m_y, m_dy, m_options, m_dqkv, none, none);
        if (rounds)
            backend.copy(m_dqkv, m_dgiven);
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
    Tensor m_given, m_dgiven, m_logSumExp, m_qkv, m_dqkv, m_y, m_dy;
};

/// Two products of all pairs forward, four backward.
Row attentionRow(int context)
{
    const double t = context;
    return {.name = "attention-" + std::to_string(context),
            .help = "Self-attention and its gradient, context " + std::to_string(context) + ", 8 samples, 4 heads of 32 features",
            .flop = 12. * kSamples * t * t * kAttentionWidth,
            .steps = context > 512   ? 4
                     : context > 128 ? 20
                                     : 100,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<AttentionStep>(row.size, row.precision); },
            .size = context};
}

} // namespace

std::vector<Row> attentionRows()
{
    return {attentionRow(64), attentionRow(128), attentionRow(256), attentionRow(512), attentionRow(1024)};
}

} // namespace pretext::bench
