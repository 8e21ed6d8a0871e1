// A step of masked language modelling on random tokens: BERT's architecture of 4 layers and 4 heads, 64 rows of 64 tokens, a vocabulary of
// 4096, the head on the masked rows only (15 %), AdamW.
#include "core/bench/row.h"

#include "core/nn/optimizer.h"
#include "core/nn/transformer.h"

namespace pretext::bench {

namespace {

constexpr int kLayers = 4, kHeads = 4, kTextRows = 64, kTokens = 64, kVocabulary = 4096;
constexpr float kMasked = 0.15f;

class MaskedStep : public SteppedWork
{
public:
    MaskedStep(int width, float dropout, Precision precision)
        : m_precision(precision)
        , m_random(1)
        , m_options(bertOptions(kVocabulary, kTokens, kLayers, width, kHeads))
        , m_trunk(m_options, m_random)
        , m_head(m_options, m_trunk.tokenTable(), true, m_random)
        , m_dropout(dropout)
        , m_ids(draw(kTextRows * kTokens, {kTextRows, kTokens}))
    {
        m_parameters = m_trunk.parameters();
        for (const NamedParameter &parameter : m_head.parameters())
            m_parameters.push_back(parameter);
        KnobSet knobs(optimizerKnobs());
        knobs.set("weight_decay", 0.01);
        m_optimizer = makeOptimizer("adamw", m_parameters, knobs);
        std::vector<int32_t> masked;
        for (int row = 0; row < kTextRows * kTokens; ++row)
            if (m_random.chance(kMasked))
                masked.push_back(row);
        m_masked = Tensor::fromHost(masked, {int64_t(masked.size())});
        m_targets = draw(int(masked.size()), {int64_t(masked.size())});
    }

protected:
    void step() override
    {
        for (NamedParameter &parameter : m_parameters)
            parameter.variable.clearGrad();
        const Autocast autocast(m_precision);
        const Variable hidden = m_trunk.hidden({.ids = Variable(m_ids), .dropout = {m_dropout, {1, m_number++, 0}}});
        backward(crossEntropy(m_head.logits(hidden, m_masked), m_targets));
        m_optimizer->step(1e-4f);
    }

private:
    Tensor draw(int count, const Shape &shape)
    {
        std::vector<int32_t> values;
        for (int i = 0; i < count; ++i)
            values.push_back(int32_t(m_random.below(kVocabulary)));
        return Tensor::fromHost(values, shape);
    }

    Precision m_precision;
    Random m_random;
    TransformerOptions m_options;
    Transformer m_trunk;
    VocabularyHead m_head;
    float m_dropout;
    Tensor m_ids, m_masked, m_targets;
    std::vector<NamedParameter> m_parameters;
    std::unique_ptr<Optimizer> m_optimizer;
    uint32_t m_number = 0;
};

/// Of the linear layers and the head alone. Attention's own products, one in twenty more, are left out.
double maskedFlop(int width)
{
    const double w = width, tokens = kTextRows * kTokens, blocks = kLayers * 12 * w * w, head = w * w + w * kVocabulary;
    return 3 * 2 * (tokens * blocks + tokens * kMasked * head);
}

template<bool withDropout>
Row maskedRow(int width)
{
    return {.name = "mlm-" + std::to_string(width) + (withDropout ? "-dropout" : ""),
            .help = "MLM step, 4 layers of width " + std::to_string(width) + ", 64 x 64 tokens, vocabulary 4096, AdamW" + (withDropout ? ", dropout 0.1" : ""),
            .flop = maskedFlop(width),
            .steps = width > 128 ? 2 : 4,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<MaskedStep>(row.size, withDropout ? 0.1f : 0.f, row.precision); },
            .size = width};
}

} // namespace

std::vector<Row> mlmRows()
{
    return {maskedRow<false>(256), maskedRow<false>(128), maskedRow<true>(256), maskedRow<true>(128)};
}

} // namespace pretext::bench
