// Steps of masked language modelling as mlm_step.py takes them, for a comparison with PyTorch: BERT's architecture on random tokens, the
// head on the masked rows only, AdamW included. For each line "N" on standard input it takes N steps and prints one line with the
// milliseconds of each; so a script can take turns between the two.
#include "core/backend/backend.h"
#include "core/nn/optimizer.h"
#include "core/nn/transformer.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

using namespace pretext;

namespace {

struct Settings { int width = 256, layers = 4, heads = 4, samples = 64, tokens = 64, vocabulary = 4096, threads = 2; float dropout = 0; };

Settings settingsOf(int argc, char **argv)
{
    Settings s;
    const std::pair<const char *, int *> known[] = {{"--width", &s.width}, {"--layers", &s.layers}, {"--heads", &s.heads}, {"--samples", &s.samples},
                                                    {"--tokens", &s.tokens}, {"--vocabulary", &s.vocabulary}, {"--threads", &s.threads}};
    for (int i = 1; i + 1 < argc; i += 2) {
        for (const auto &[name, value] : known)
            if (name == std::string(argv[i]))
                *value = std::atoi(argv[i + 1]);
        if (argv[i] == std::string("--dropout"))
            s.dropout = std::strtof(argv[i + 1], nullptr);
    }
    return s;
}

class MaskedModelling
{
public:
    explicit MaskedModelling(const Settings &s)
        : m_random(1), m_options(bertOptions(s.vocabulary, s.tokens, s.layers, s.width, s.heads)), m_trunk(m_options, m_random),
          m_head(m_options, m_trunk.tokenTable(), true, m_random), m_dropout(s.dropout), m_ids(draw(s.samples * s.tokens, s.vocabulary, {s.samples, s.tokens}))
    {
        m_parameters = m_trunk.parameters();
        for (const NamedParameter &parameter : m_head.parameters())
            m_parameters.push_back(parameter);
        KnobSet knobs(optimizerKnobs());
        knobs.set("weight_decay", 0.01);
        m_optimizer = makeOptimizer("adamw", m_parameters, knobs);
        std::vector<int32_t> rows;
        for (int row = 0; row < s.samples * s.tokens; ++row)
            if (m_random.chance(0.15f))
                rows.push_back(row);
        m_rows = Tensor::fromHost(rows, {int64_t(rows.size())});
        m_targets = draw(int(rows.size()), s.vocabulary, {int64_t(rows.size())});
    }

    float step(uint32_t number)
    {
        for (NamedParameter &parameter : m_parameters)
            parameter.variable.clearGrad();
        const Variable hidden = m_trunk.hidden({.ids = Variable(m_ids), .dropout = {m_dropout, {1, number, 0}}});
        const Variable loss = crossEntropy(m_head.logits(hidden, m_rows), m_targets);
        backward(loss);
        m_optimizer->step(1e-4f);
        return loss.value().item();
    }

private:
    Tensor draw(int count, int below, const Shape &shape)
    {
        std::vector<int32_t> values;
        for (int i = 0; i < count; ++i)
            values.push_back(int32_t(m_random.below(uint32_t(below))));
        return Tensor::fromHost(values, shape);
    }

    Random m_random;
    TransformerOptions m_options;
    Transformer m_trunk;
    VocabularyHead m_head;
    float m_dropout;
    Tensor m_ids, m_rows, m_targets;
    std::vector<NamedParameter> m_parameters;
    std::unique_ptr<Optimizer> m_optimizer;
};

} // namespace

int main(int argc, char **argv)
{
    const Settings settings = settingsOf(argc, argv);
    setThreads(settings.threads);
    MaskedModelling model(settings);
    uint32_t number = 0;
    for (int count; std::cin >> count; std::cout << std::endl)
        for (int i = 0; i < count; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            model.step(number++);
            std::cout << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() << ' ';
        }
    std::cerr << "loss " << model.step(number) << ", allocations " << backend(Device::cpu).memory().systemAllocations << '\n';
}
