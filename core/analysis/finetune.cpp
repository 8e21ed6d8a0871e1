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

std::vector<NamedTensor> weightsAndBuffers(const Encoder &encoder)
{
    std::vector<NamedTensor> all = encoder.buffers();
    for (const NamedParameter &parameter : encoder.parameters())
        all.push_back({parameter.name, parameter.variable.value()});
    return all;
}

/// The run's encoder, with its weights or its initial ones, and a linear layer.
struct Classifier
{
    Classifier(const TrainedEncoder &trained, bool pretrained, int classes)
        : model(makeModel(trained.state.config, trained.state.input()))
        , encoder(*model.encoder)
        , random(trained.state.config.seed, kFinetuneStream)
        , output(encoder.dimension(), classes, true, random)
    {
        if (!pretrained)
            return;
        const std::vector<NamedTensor> from = weightsAndBuffers(*trained.encoder), to = weightsAndBuffers(encoder);
        for (size_t i = 0; i < to.size(); ++i) {
            Tensor shared = to[i].tensor;
            shared.copyFrom(from[i].tensor);
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
    Encoder &encoder;
    Random random;
    Linear output;
};

/// One batch after the other, again from the beginning when all rows were seen.
class Rounds
{
public:
    Rounds(std::vector<size_t> rows, int batch) : m_rows(std::move(rows)), m_batch(size_t(batch)) {}
    std::vector<size_t> next()
    {
        const size_t count = std::min(m_batch, m_rows.size());
        std::vector<size_t> batch;
        for (; batch.size() < count; ++m_at)
            batch.push_back(m_rows[m_at % m_rows.size()]);
        return batch;
    }

private:
    std::vector<size_t> m_rows;
    size_t m_batch, m_at = 0;
};

Variable classifierLoss(Classifier &classifier, const EncodedRows &samples, const std::vector<int> &labels, const std::vector<size_t> &rows, int step)
{
    std::vector<int32_t> wanted;
    for (size_t row : rows)
        wanted.push_back(labels[row]);
    return crossEntropy(classifier.output(samples.embed(classifier.encoder, rows, step)), Tensor::fromHost(wanted, Shape{int64_t(rows.size())}));
}

void fitClassifier(Classifier &classifier, const EncodedRows &samples, const ClassColumn &classes, std::vector<size_t> labelled, const FinetuneOptions &options,
                   const std::function<bool(double)> &progress)
{
    KnobSet knobs(optimizerKnobs());
    knobs.set("weight_decay", 0.01);
    const std::vector<NamedParameter> parameters = classifier.parameters();
    const std::unique_ptr<Optimizer> optimizer = makeOptimizer("adamw", parameters, knobs);
    Rounds rounds(std::move(labelled), options.batch);
    classifier.encoder.setTraining(true);
    for (int step = 0; step < options.steps; ++step) {
        if (progress && !progress(double(step) / options.steps))
            return;
        for (NamedParameter parameter : parameters)
            parameter.variable.clearGrad();
        backward(classifierLoss(classifier, samples, classes.train, rounds.next(), step));
        optimizer->step(kFinetuneRate * scheduleFactor("cosine", step, options.steps, kFinetuneWarmup));
    }
}

double heldOutShareRight(Classifier &classifier, const EncodedRows &samples, const ClassColumn &classes, int judged)
{
    constexpr size_t kAtOnce = 100;
    const NoGrad noGrad;
    classifier.encoder.setTraining(false);
    const size_t count = std::min(size_t(judged), samples.count);
    size_t right = 0;
    std::vector<size_t> rows;
    for (size_t i = 0; i < count; ++i) {
        rows.push_back(i * samples.count / count);
        if (rows.size() < kAtOnce && i + 1 < count)
            continue;
        const std::vector<float> scores = classifier.output(samples.embed(classifier.encoder, rows, 0)).value().toHost();
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto begin = scores.begin() + int64_t(row) * classes.classes;
            right += std::max_element(begin, begin + classes.classes) - begin == classes.test[rows[row]];
        }
        rows.clear();
    }
    return double(right) / double(count);
}

} // namespace

std::vector<size_t> labelledRows(const ClassColumn &column, int perClass)
{
    constexpr uint64_t kDraw = 1;
    Random random(kDraw, kLabelStream);
    std::vector<size_t> order(column.train.size());
    std::iota(order.begin(), order.end(), size_t(0));
    shuffle(order, random);
    std::vector<int> taken(column.classes, 0);
    std::erase_if(order, [&](size_t row) { return perClass > 0 && taken[column.train[row]]++ >= perClass; });
    return order;
}

FinetuneRow finetune(const TrainedEncoder &trained, bool pretrained, const EncodedRows &train, const EncodedRows &test, const ClassColumn &classes,
                     const FinetuneOptions &options, const std::function<bool(double)> &progress)
{
    FinetuneRow result{pretrained ? "fine-tuned" : "supervised", classes.name, {}};
    for (size_t i = 0; i < kLabelsPerClass.size(); ++i) {
        bool cancelled = false;
        const auto goOn = [&](double share) {
            cancelled = progress && !progress((double(i) + share) / double(kLabelsPerClass.size()));
            return !cancelled;
        };
        Classifier classifier(trained, pretrained, classes.classes);
        fitClassifier(classifier, train, classes, labelledRows(classes, kLabelsPerClass[i]), options, goOn);
        if (cancelled)
            break;
        result.accuracy.push_back(heldOutShareRight(classifier, test, classes, options.judged));
    }
    return result;
}

} // namespace pretext
