#include "core/analysis/evaluate.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/analysis/judge.h"
#include "core/analysis/keptscores.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/spectrum.h"
#include "core/analysis/spread.h"
#include "core/analysis/supervised.h"
#include "core/data/modalitytype.h"
#include "core/engine/datamark.h"
#include "core/engine/runfolder.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace pretext {
namespace {

std::string trainingSamples(int64_t number)
{
    return number == 1 ? pretext::said("1 training sample") : pretext::said("%1 training samples", {number});
}

std::string heldOutSamples(int64_t number)
{
    return number == 1 ? pretext::said("1 held-out sample") : pretext::said("%1 held-out samples", {number});
}

/// How many samples are missing, where there are too few.
std::string missingSamples(int64_t train, int64_t heldOut)
{
    if (heldOut <= 0)
        return train == 1 ? pretext::said("1 more training sample is needed at least") : pretext::said("%1 more training samples are needed at least", {train});
    if (train <= 0)
        return heldOut == 1 ? pretext::said("1 more held-out sample is needed at least")
                            : pretext::said("%1 more held-out samples are needed at least", {heldOut});
    return pretext::said("%1 and %2 are needed at least",
                         {train == 1 ? pretext::said("1 more training sample") : pretext::said("%1 more training samples", {train}),
                          heldOut == 1 ? pretext::said("1 more held-out sample") : pretext::said("%1 more held-out samples", {heldOut})});
}

void requireEnough(const Dataset &dataset)
{
    constexpr int64_t kLeastTrained = 5, kLeastHeldOut = 2;
    const int64_t trained = dataset.size(Split::train), heldOut = dataset.size(Split::test);
    if (trained >= kLeastTrained && heldOut >= kLeastHeldOut)
        return;
    throw std::invalid_argument(dataset.info().name + ": "
                                + said("has %1 and %2, too few to evaluate on; %3",
                                       {trainingSamples(trained), heldOutSamples(heldOut), missingSamples(kLeastTrained - trained, kLeastHeldOut - heldOut)}));
}

const ModalityAnalysis &kindOf(const Ensemble &ensemble)
{
    return *modalityType(ensemble.members.front()->state.prepared->modality()).analysis;
}

void describeGeometry(const Ensemble &ensemble, const Dataset &dataset, const Matrix &test, Evaluation &result)
{
    constexpr int64_t kSamples = 2000; // pairs for alignment, rows for uniformity: the means are stable to the second digit
    const int64_t count = std::min(kSamples, test.rows);
    const auto [first, second] = twoViews(ensemble, dataset, count);
    result.alignment = alignment(first, second);
    result.uniformity = uniformity({count, test.columns, {test.values.begin(), test.values.begin() + count * test.columns}});
    result.effectiveRank = effectiveRank(test);
    result.dimension = test.columns;
    result.collapsed = allAlike(test);
    const std::string note = said("The encoder's embeddings of all held-out samples are one point: it has collapsed, or the samples are all alike.");
    std::erase(result.notes, note); // of a first look
    if (result.collapsed)
        result.notes.push_back(note);
}

/// What the run's metrics.csv says of its course, where the encoder is of a run folder that has one.
Course recordedCourse(const TrainedEncoder &trained)
{
    const std::filesystem::path metrics = trained.checkpoint.parent_path().parent_path() / "metrics.csv";
    std::error_code none;
    try {
        if (!trained.checkpoint.empty() && std::filesystem::exists(metrics, none))
            return courseOf(readMetrics(metrics), trained.state.step);
    } catch (const std::exception &) {
        // the embeddings alone have to say it
    }
    return courseOf({});
}

void describeHealth(TrainedEncoder &trained, const Dataset &dataset, Evaluation &result)
{
    result.health = healthOf(trained, dataset);
    const EncoderHealth untrained = untrainedHealth(trained.state, dataset);
    Evidence evidence = evidenceOf(trained.state.config);
    evidence.health = &*result.health;
    evidence.untrained = &untrained;
    evidence.course = recordedCourse(trained);
    result.diagnosis = diagnose(evidence);
}

/// Held-out samples of data that have changed since may be some that were trained on.
void tellChangedData(const CheckpointState &state, const Dataset &dataset, Evaluation &result)
{
    if (shownPath(state.config.dataset) != dataset.info().name)
        return;
    if (const std::string change = changeOf(state.data, markOf(dataset)); !change.empty())
        result.notes.push_back(said("The data have changed since they were trained on, so that held-out samples may be trained ones: %1.", {change}));
}

Features baselineOf(const Baseline &baseline, const Ensemble &ensemble, const Dataset &dataset, const ShareDone &progress)
{
    if (baseline.name == "untrained")
        return untrainedFeatures(ensemble, dataset, progress);
    return baseline.make(*ensemble.members.front(), dataset, progress);
}

void judgeSupervised(const TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result)
{
    bool kept = false;
    const Features features = supervisedFeatures(trained, dataset, steps, judge.working(said("supervised: training")), kept);
    judge.stopIfCancelled();
    judge.judge(features);
    const int64_t batch = std::min(trained.state.config.batch, dataset.size(Split::train));
    result.notes.push_back(
        kept ? said("supervised baseline: the same encoder, trained from the start with the labels of the training split for %1 steps of %2; kept from "
                    "an earlier evaluation.",
                    {steps, batch})
             : said("supervised baseline: the same encoder, trained from the start with the labels of the training split for %1 steps of %2.", {steps, batch}));
}

/// Judged once for the data where it is not made of several encoders; then it is kept.
void judgeBaseline(const Baseline &baseline, const Ensemble &ensemble, const Dataset &dataset, bool fewLabels, Judge &judge, Evaluation &result)
{
    const bool kept = ensemble.members.size() == 1 || baseline.name != "untrained";
    const std::filesystem::path file = kept ? keptScoresFile(baseline.name, ensemble.members.front()->state, dataset, fewLabels) : std::filesystem::path();
    if (const std::optional<Scores> scores = keptScores(file)) {
        judge.add(*scores);
        return;
    }
    const Features features = baselineOf(baseline, ensemble, dataset, judge.working(said("%1: features", {baseline.name})));
    judge.stopIfCancelled();
    const size_t rows = result.rows.size(), fewRows = result.finetuned.size();
    judge.judge(features);
    keepScores(file, {{result.rows.begin() + int64_t(rows), result.rows.end()}, {result.finetuned.begin() + int64_t(fewRows), result.finetuned.end()}});
}

/// The encoder's own scores by some samples, to be replaced when those by all of them are known.
void takeFirstLook(const Ensemble &ensemble, const Dataset &dataset, const std::string &name, const Progress &progress, const Known &known, Evaluation &result)
{
    constexpr int64_t kTrain = 12000, kTest = 3000;
    if (dataset.size(Split::train) <= kTrain || dataset.size(Split::test) <= kTest)
        return;
    const std::shared_ptr<const Dataset> some = spreadSubset(dataset, kTrain, kTest);
    Evaluation look;
    const Known nobody;
    Judge judge(*some, look, progress, nobody);
    judge.hurry();
    const Features own = encoderFeatures(name, ensemble, *some, judge.working(said("%1: a first look", {name})));
    judge.stopIfCancelled();
    describeGeometry(ensemble, *some, own.test, result);
    result.of = kTrain;
    judge.judge(own);
    result.rows = std::move(look.rows);
    for (EvaluationRow &row : result.rows) {
        row.of = kTrain;
        row.guesses = {};
    }
    if (known)
        known(result);
}

void judgeAll(const Ensemble &ensemble, const Dataset &whole, const Dataset &dataset, const EvaluationOptions &options, const Progress &progress,
              const Known &known, Judge &judge, Evaluation &result)
{
    const ModalityAnalysis &kind = kindOf(ensemble);
    TrainedEncoder &first = *ensemble.members.front();
    const bool alone = ensemble.members.size() == 1;
    const std::string name = alone ? "encoder" : "ensemble";
    const int finetuneSteps = options.finetuneSteps.value_or(kind.finetuneSteps);
    if (options.firstLook)
        takeFirstLook(ensemble, dataset, name, progress, known, result);
    const Features own = encoderFeatures(name, ensemble, dataset, judge.working(said("%1: embeddings", {name})));
    judge.stopIfCancelled();
    result.whitened = std::ranges::any_of(ensemble.members, [](const TrainedEncoder *trained) { return trained->encoder->whitening() != nullptr; });
    describeGeometry(ensemble, dataset, own.test, result);
    result.of = 0;
    if (alone)
        describeHealth(first, dataset, result);
    judge.tell();
    if (alone && kind.more)
        kind.more(first, whole, dataset, options, judge, result);
    judge.judge(own);
    if (options.baselines && !dataset.info().columns.empty())
        for (const Baseline &baseline : kind.baselines)
            judgeBaseline(baseline, ensemble, dataset, alone && kind.finetune && finetuneSteps > 0, judge, result);
    if (alone && kind.last)
        kind.last(first, dataset, options.baselines, judge, result);
    if (options.supervisedSteps > 0)
        judgeSupervised(first, dataset, options.supervisedSteps, judge, result);
    if (alone && kind.finetune && finetuneSteps > 0)
        kind.finetune(first, dataset, finetuneSteps, judge, result);
}

} // namespace

Evaluation evaluate(const Ensemble &ensemble, const Dataset &whole, const EvaluationOptions &options, const Progress &progress, const Known &known)
{
    requireJoinable(ensemble);
    const ModalityAnalysis &kind = kindOf(ensemble);
    const std::shared_ptr<const Dataset> subset = kind.most > 0 ? spreadSubset(whole, kind.most, kind.most / 4) : nullptr;
    const Dataset &dataset = subset ? *subset : whole;
    requireEnough(dataset);
    Evaluation result;
    if (!whole.info().doubt.empty())
        result.notes.push_back(whole.info().doubt);
    for (const TrainedEncoder *trained : ensemble.members)
        tellChangedData(trained->state, whole, result);
    const bool fewLabels = ensemble.members.size() == 1 && kind.finetune && options.finetuneSteps.value_or(kind.finetuneSteps) > 0;
    Judge judge(dataset, result, progress, known, fewLabels);
    if (dataset.size(Split::train) < whole.size(Split::train))
        result.notes.push_back(said(kind.ofSome, {std::to_string(dataset.size(Split::train)), std::to_string(whole.size(Split::train))}));
    try {
        judgeAll(ensemble, whole, dataset, options, progress, known, judge, result);
        result.complete = true;
    } catch (const Cancelled &) {
        result.notes.push_back(said("Cancelled; what was known by then is shown."));
    }
    return result;
}

Evaluation evaluate(TrainedEncoder &trained, const Dataset &dataset, const EvaluationOptions &options, const Progress &progress, const Known &known)
{
    return evaluate(Ensemble{.members = {&trained}}, dataset, options, progress, known);
}

} // namespace pretext
