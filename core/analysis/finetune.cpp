#include "core/analysis/finetune.h"

#include "core/autograd/operations.h"
#include "core/data/corrupt/choose.h"
#include "core/nn/layers.h"
#include "core/nn/schedule.h"

#include <algorithm>
#include <numeric>

namespace pretext {

namespace {

constexpr float kFinetuneRate = 1e-3f, kFinetuneWarmup = 0.1f;
constexpr uint32_t kFinetuneStream = 0xfffffffd, kLabelStream = 0xfffffffc; // epochs no batch of the run is drawn in

/// The run's encoder, with its weights or its initial ones, and a linear layer.
struct Classifier
{
    Classifier(const TrainedEncoder &trained, bool pretrained, int classes)
        : model(makeModel(trained.state.config, trained.state.input()))
        , encoder(textEncoder(*model.encoder))
        , random(trained.state.config.seed, kFinetuneStream)
        , output(encoder.dimension(), classes, true, random)
    {
        if (!pretrained)
            return;
        const std::vector<NamedParameter> from = trained.encoder->parameters(), to = encoder.parameters();
        for (size_t i = 0; i < to.size(); ++i) {
            Tensor shared = to[i].variable.value();
            shared.copyFrom(from[i].variable.value());
        }
    }

    std::vector<NamedParameter> parameters() const
    {
        std::vector<NamedParameter> all = encoder.parameters();
        for (NamedParameter &parameter : output.parameters())
            all.push_back({"output." + parameter.name, parameter.variable, parameter.decay});
        return all;
    }

    Model model;
    TextEncoder &encoder;
    Random random;
    Linear output;
};

/// One batch after the other, again from the beginning when all rows were seen.
class Rounds
{
public:
    explicit Rounds(std::vector<size_t> rows) : m_rows(std::move(rows)) {}
    std::vector<size_t> next()
    {
        const size_t count = std::min<size_t>(kFinetuneBatch, m_rows.size());
        std::vector<size_t> batch;
        for (; batch.size() < count; ++m_at)
            batch.push_back(m_rows[m_at % m_rows.size()]);
        return batch;
    }

private:
    std::vector<size_t> m_rows;
    size_t m_at = 0;
};

Variable classifierLoss(Classifier &classifier, const EncodedTexts &texts, const std::vector<int> &labels, const std::vector<size_t> &rows,
                        const RunConfig &config, int step)
{
    TokenInput input = paddedRows(texts, rows);
    input.seed = config.seed;
    input.step = step;
    input.dropout = static_cast<float>(config.knobs.real("encoder.dropout"));
    std::vector<int32_t> wanted;
    for (size_t row : rows)
        wanted.push_back(labels[row]);
    return crossEntropy(classifier.output(classifier.encoder.sentences(input)), Tensor::fromHost(wanted, Shape{int64_t(rows.size())}));
}

void fitClassifier(Classifier &classifier, const RunConfig &config, const EncodedTexts &texts, const ClassColumn &classes, std::vector<size_t> rows, int steps,
                   const std::function<bool(double)> &progress)
{
    KnobSet knobs(optimizerKnobs());
    knobs.set("weight_decay", 0.01);
    const std::vector<NamedParameter> parameters = classifier.parameters();
    const std::unique_ptr<Optimizer> optimizer = makeOptimizer("adamw", parameters, knobs);
    Rounds rounds(std::move(rows));
    for (int step = 0; step < steps; ++step) {
        if (progress && !progress(double(step) / steps))
            return;
        for (NamedParameter parameter : parameters)
            parameter.variable.clearGrad();
        backward(classifierLoss(classifier, texts, classes.train, rounds.next(), config, step));
        optimizer->step(kFinetuneRate * scheduleFactor("cosine", step, steps, kFinetuneWarmup));
    }
}

double heldOutShareRight(Classifier &classifier, const EncodedTexts &texts, const std::vector<int> &labels, int classes)
{
    const NoGrad noGrad;
    classifier.encoder.setTraining(false);
    const size_t count = std::min<size_t>(kFinetuneJudged, texts.size());
    size_t right = 0;
    std::vector<size_t> rows;
    for (size_t i = 0; i < count; ++i) {
        rows.push_back(i * texts.size() / count);
        if (rows.size() < kFinetuneBatch && i + 1 < count)
            continue;
        const std::vector<float> scores = classifier.output(classifier.encoder.sentences(paddedRows(texts, rows))).value().toHost();
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto begin = scores.begin() + int64_t(row) * classes;
            right += std::max_element(begin, begin + classes) - begin == labels[rows[row]];
        }
        rows.clear();
    }
    return double(right) / double(count);
}

} // namespace

std::vector<size_t> labelledRows(const ClassColumn &column, int perClass, uint64_t seed)
{
    Random random(seed, kLabelStream);
    std::vector<size_t> order(column.train.size());
    std::iota(order.begin(), order.end(), size_t(0));
    shuffle(order, random);
    std::vector<int> taken(column.classes, 0);
    std::erase_if(order, [&](size_t row) { return perClass > 0 && taken[column.train[row]]++ >= perClass; });
    return order;
}

FinetuneRow finetuneText(const TrainedEncoder &trained, bool pretrained, const EncodedTexts &train, const EncodedTexts &test, const ClassColumn &classes,
                         int steps, const std::function<bool(double)> &progress)
{
    FinetuneRow result{pretrained ? "fine-tuned" : "supervised", classes.name, {}};
    for (size_t i = 0; i < kLabelsPerClass.size(); ++i) {
        bool cancelled = false;
        const auto goOn = [&](double share) {
            cancelled = progress && !progress((double(i) + share) / double(kLabelsPerClass.size()));
            return !cancelled;
        };
        Classifier classifier(trained, pretrained, classes.classes);
        fitClassifier(classifier, trained.state.config, train, classes, labelledRows(classes, kLabelsPerClass[i], trained.state.config.seed), steps, goOn);
        if (cancelled)
            break;
        result.accuracy.push_back(heldOutShareRight(classifier, test, classes.test, classes.classes));
    }
    return result;
}

} // namespace pretext
