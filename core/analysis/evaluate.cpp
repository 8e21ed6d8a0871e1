#include "core/analysis/evaluate.h"

#include "core/analysis/baselines.h"
#include "core/analysis/features.h"
#include "core/analysis/knn.h"
#include "core/analysis/probe.h"
#include "core/analysis/spectrum.h"
#include "core/analysis/textfeatures.h"
#include "core/data/augment/augment.h"
#include "core/data/text/operators.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace pretext {
namespace {

struct Cancelled {};

/// Judges features by every label column of a data set.
class Judge
{
public:
    Judge(const Dataset &dataset, Evaluation &result, const Progress &progress);
    void judge(const Features &features);
    /// A progress callback for a piece of work; it remembers when the listener cancels.
    std::function<bool(double)> working(const std::string &what);
    /// Ends the evaluation where the listener asked for it.
    void stopIfCancelled() const { if (m_cancelled) throw Cancelled(); }
    const std::vector<ClassColumn> &classes() const { return m_classes; }

private:
    void judgeClasses(const Features &features);
    void judgeFactors(const Features &features);

    Evaluation &m_result;
    const Progress &m_progress;
    bool m_cancelled = false;
    std::vector<ClassColumn> m_classes;
    std::vector<std::string> m_factors;
    Matrix m_trainFactors, m_testFactors; // [n, factors]
};

/// Values of continuous columns, [n, columns].
Matrix factorValues(const Dataset &dataset, Split split, const std::vector<int> &columns)
{
    Matrix values{dataset.size(split), int64_t(columns.size()), {}};
    for (int64_t i = 0; i < values.rows; ++i)
        for (int column : columns)
            values.values.push_back(dataset.label(split, i, column));
    return values;
}

Judge::Judge(const Dataset &dataset, Evaluation &result, const Progress &progress)
    : m_result(result), m_progress(progress)
{
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    std::vector<int> factors;
    for (int c = 0; c < int(columns.size()); ++c) {
        if (columns[c].classes.empty()) {
            m_factors.push_back(columns[c].name);
            factors.push_back(c);
            continue;
        }
        ClassColumn column{columns[c].name, int(columns[c].classes.size()), classLabels(dataset, Split::train, c),
                           classLabels(dataset, Split::test, c)};
        if (std::set<int>(column.train.begin(), column.train.end()).size() < 2)
            result.notes.push_back("All samples have the same " + column.name + ", so kNN and probe would say nothing of it.");
        else
            m_classes.push_back(std::move(column));
    }
    if (columns.empty())
        result.notes.push_back(dataset.info().name + " has no labels, so there is nothing to score by kNN or a probe. "
                               "Sub-folders of a folder are its labels, and a table's other columns.");
    m_trainFactors = factorValues(dataset, Split::train, factors);
    m_testFactors = factorValues(dataset, Split::test, factors);
}

std::function<bool(double)> Judge::working(const std::string &what)
{
    return [this, what](double share) {
        m_cancelled = m_cancelled || (m_progress && !m_progress(what, share));
        return !m_cancelled;
    };
}

void Judge::judge(const Features &features)
{
    if (!m_classes.empty())
        judgeClasses(features);
    if (!m_factors.empty())
        judgeFactors(features);
}

void Judge::judgeClasses(const Features &features)
{
    const KnnOptions options;
    const Neighbours neighbours = nearestNeighbours(features.train, features.test, options.k, working(features.name + ": nearest neighbours"));
    stopIfCancelled();
    for (const ClassColumn &column : m_classes) {
        EvaluationRow row{features.name, features.test.columns, column.name};
        row.knn = accuracy(knnVote(neighbours, column.train, options.temperature), column.test);
        ProbeOptions probe;
        probe.progress = working(features.name + ": probe for " + column.name);
        row.probe = linearProbe(features.train, column.train, features.test, column.test, column.classes, probe).accuracy;
        stopIfCancelled();
        m_result.rows.push_back(std::move(row));
    }
}

void Judge::judgeFactors(const Features &features)
{
    working(features.name + ": ridge regression")(0);
    stopIfCancelled();
    const std::vector<double> r2 = ridgeR2(features.train, m_trainFactors, features.test, m_testFactors);
    for (size_t i = 0; i < m_factors.size(); ++i)
        m_result.rows.push_back({features.name, features.test.columns, m_factors[i], -1, -1, r2[i]});
}

/// One view each of the first `count` held-out samples, [count, H, W, C].
std::vector<float> heldOutViews(const Dataset &dataset, const RunConfig &config, int64_t count, uint32_t view)
{
    constexpr uint32_t kEpoch = 0xfffffffe; // one that no training view is drawn in
    const ImageShape shape = dataset.info().image;
    const size_t size = size_t(shape.height) * shape.width * shape.channels;
    const Augmenter augmenter(config.knobs, shape);
    std::vector<float> pixels(size * count);
    for (int64_t i = 0; i < count; ++i)
        augmenter.make(dataset.image(Split::test, i), {config.seed, kEpoch, uint32_t(i), view}, std::span(pixels).subspan(i * size, size));
    return pixels;
}

/// Embeddings of the first `count` held-out samples, seen twice.
std::pair<Matrix, Matrix> twoViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count)
{
    if (trained.state.tokenizer)
        return twoTextViews(trained, dataset, count);
    const Preprocessing preprocessing{trained.state.mean, trained.state.deviation, trained.state.shape};
    return {embedPixels(*trained.encoder, preprocessing, heldOutViews(dataset, trained.state.config, count, 0)),
            embedPixels(*trained.encoder, preprocessing, heldOutViews(dataset, trained.state.config, count, 1))};
}

void describeGeometry(TrainedEncoder &trained, const Dataset &dataset, const Matrix &test, Evaluation &result)
{
    constexpr int64_t kSamples = 2000; // pairs for alignment, rows for uniformity: the means are stable to the second digit
    const int64_t count = std::min(kSamples, test.rows);
    const auto [first, second] = twoViews(trained, dataset, count);
    result.alignment = alignment(first, second);
    result.uniformity = uniformity({count, test.columns, {test.values.begin(), test.values.begin() + count * test.columns}});
    result.effectiveRank = effectiveRank(test);
    result.dimension = test.columns;
}

/// What is said of language models only.
void describePrediction(TrainedEncoder &trained, const Dataset &whole, Judge &judge, Evaluation &result)
{
    constexpr int64_t kCounted = 30000, kPredicted = 2000; // texts
    constexpr int kPrompts = 500;
    result.tokens = scoreTokens(trained, *spreadSubset(whole, kCounted, kPredicted), judge.working("encoder: predicting tokens"));
    judge.stopIfCancelled();
    if (whole.info().name != "operators")
        return;
    result.inContext = inContextAccuracy(trained, whole, kPrompts, judge.working("encoder: answering prompts"));
    judge.stopIfCancelled();
    if (!result.inContext.empty() && result.inContext.back().examples < kMostExamples)
        result.notes.push_back("The context of " + std::to_string(textEncoder(*trained.encoder).context()) + " tokens has no room for more than "
                               + std::to_string(result.inContext.back().examples) + " examples in a prompt; a larger encoder.context has.");
}

void describeRetrieval(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result)
{
    if (dataset.info().name != "kjv")
        return;
    try {
        result.retrieval = retrieveVerses(trained, dataset, baselines, judge.working("retrieving verses in another translation"));
    } catch (const std::invalid_argument &error) { // the other translation is not installed
        result.notes.push_back(error.what());
    }
    judge.stopIfCancelled();
}

/// Every label column from both starts; with all labels, the second is the same encoder supervised.
void describeFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result)
{
    const Tokenizer &tokenizer = *trained.state.tokenizer;
    const TextEncoder &encoder = textEncoder(*trained.encoder);
    const EncodedTexts train = encodeTexts(tokenizer, dataset, Split::train, encoder.context()), test = encodeTexts(tokenizer, dataset, Split::test, encoder.context());
    result.finetuneSteps = steps;
    for (const ClassColumn &column : judge.classes())
        for (bool pretrained : {true, false}) {
            const std::string what = (pretrained ? "fine-tuning for " : "supervised training for ") + column.name;
            FinetuneRow row = finetuneText(trained, pretrained, train, test, column, steps, judge.working(what));
            judge.stopIfCancelled();
            if (!pretrained)
                result.rows.push_back({row.start, encoder.dimension(), column.name, -1, row.accuracy.back(), -2});
            result.finetuned.push_back(std::move(row));
        }
}

} // namespace

Evaluation evaluate(TrainedEncoder &trained, const Dataset &whole, const EvaluationOptions &options, const Progress &progress)
{
    const bool text = trained.state.tokenizer != nullptr;
    const std::shared_ptr<const Dataset> subset = text ? spreadSubset(whole, kMostTexts, kMostTexts / 4) : nullptr;
    const Dataset &dataset = text ? *subset : whole;
    if (dataset.size(Split::test) < 2 || dataset.size(Split::train) < 5)
        throw std::invalid_argument(dataset.info().name + ": has " + std::to_string(dataset.size(Split::train)) + " training and "
                                    + std::to_string(dataset.size(Split::test))
                                    + " held-out samples, too few to evaluate on; at least 5 and 2 are needed");
    Evaluation result;
    Judge judge(dataset, result, progress);
    if (dataset.size(Split::train) < whole.size(Split::train))
        result.notes.push_back("kNN, probes and fine-tuning use " + std::to_string(dataset.size(Split::train)) + " of the " + std::to_string(whole.size(Split::train))
                               + " training texts, spread evenly.");
    try {
        const Features own = encoderFeatures("encoder", *trained.encoder, trained.state, dataset, judge.working("encoder: embeddings"));
        judge.stopIfCancelled();
        describeGeometry(trained, dataset, own.test, result);
        if (text)
            describePrediction(trained, whole, judge, result);
        judge.judge(own);
        if (text)
            describeRetrieval(trained, dataset, options.baselines, judge, result);
        if (options.baselines && !dataset.info().columns.empty())
            for (const Baseline &baseline : baselineFeatures(whole.info().modality)) {
                const Features features = baseline.make(trained, dataset, judge.working(baseline.name + ": features"));
                judge.stopIfCancelled();
                judge.judge(features);
            }
        if (text && options.finetuneSteps > 0)
            describeFinetuning(trained, dataset, options.finetuneSteps, judge, result);
    } catch (const Cancelled &) {
        result.notes.push_back("Cancelled; the rows that were done are shown.");
    }
    return result;
}

} // namespace pretext
