#include "core/analysis/evaluate.h"

#include "core/analysis/alike.h"
#include "core/analysis/evaluatetext.h"
#include "core/analysis/features.h"
#include "core/analysis/judge.h"
#include "core/analysis/spectrum.h"
#include "core/analysis/spread.h"
#include "core/analysis/textfeatures.h"
#include "core/data/augment/augment.h"
#include "core/data/counted.h"
#include "core/files/said.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {
namespace {

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

void requireEnough(const Dataset &dataset)
{
    constexpr int64_t kLeastTrained = 5, kLeastHeldOut = 2;
    const int64_t trained = dataset.size(Split::train), heldOut = dataset.size(Split::test);
    if (trained >= kLeastTrained && heldOut >= kLeastHeldOut)
        return;
    std::string missing;
    if (trained < kLeastTrained)
        missing = counted(kLeastTrained - trained, "more training sample");
    if (heldOut < kLeastHeldOut)
        missing += (missing.empty() ? "" : " and ") + counted(kLeastHeldOut - heldOut, "more held-out sample");
    throw std::invalid_argument(dataset.info().name + ": has " + counted(trained, "training sample") + " and " + counted(heldOut, "held-out sample")
                                + ", too few to evaluate on; " + missing
                                + (missing.starts_with("1 ") && missing.find(" and ") == std::string::npos ? " is" : " are") + " needed at least");
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
    result.collapsed = allAlike(test);
    if (result.collapsed)
        result.notes.push_back(said("The encoder's embeddings of all held-out samples are one point: it has collapsed, or the samples are all alike."));
}

} // namespace

Evaluation evaluate(TrainedEncoder &trained, const Dataset &whole, const EvaluationOptions &options, const Progress &progress, const Known &known)
{
    const bool text = trained.state.tokenizer != nullptr;
    const std::shared_ptr<const Dataset> subset = text ? spreadSubset(whole, kMostTexts, kMostTexts / 4) : nullptr;
    const Dataset &dataset = text ? *subset : whole;
    requireEnough(dataset);
    Evaluation result;
    if (!whole.info().doubt.empty())
        result.notes.push_back(whole.info().doubt);
    const bool fewLabels = text && options.finetuneSteps > 0;
    Judge judge(dataset, result, progress, known, fewLabels ? std::optional(trained.state.config.seed) : std::nullopt);
    if (dataset.size(Split::train) < whole.size(Split::train))
        result.notes.push_back(said("kNN, probes and fine-tuning use %1 of the %2 training texts, spread evenly.",
                                    {std::to_string(dataset.size(Split::train)), std::to_string(whole.size(Split::train))}));
    try {
        const Features own = encoderFeatures("encoder", *trained.encoder, trained.state, dataset, judge.working(said("encoder: embeddings")));
        judge.stopIfCancelled();
        describeGeometry(trained, dataset, own.test, result);
        judge.tell();
        if (text) {
            describePrediction(trained, whole, judge, result);
            describeRetrieval(trained, dataset, options.baselines, judge, result);
        }
        judge.judge(own);
        if (options.baselines && !dataset.info().columns.empty())
            for (const Baseline &baseline : baselineFeatures(whole.info().modality)) {
                const Features features = baseline.make(trained, dataset, judge.working(said("%1: features", {baseline.name})));
                judge.stopIfCancelled();
                judge.judge(features);
            }
        if (fewLabels)
            describeFinetuning(trained, dataset, options.finetuneSteps, judge, result);
        result.complete = true;
    } catch (const Cancelled &) {
        result.notes.push_back(said("Cancelled; what was known by then is shown."));
    }
    return result;
}

} // namespace pretext
