// What an evaluation asks of a kind of data: embeddings of its samples, what an encoder of it has to beat, and what is said of it alone.
#pragma once

#include "core/analysis/baselines.h"

#include <string>
#include <utility>
#include <vector>

namespace pretext {

class Judge;
struct Evaluation;
struct EvaluationOptions;

struct ModalityAnalysis
{
    /// Embeddings [n, D] of samples [0, limit) of a split (limit 0: all), in evaluation mode. Throws std::invalid_argument where the encoder was
    /// made for others. `progress` is told the share done and cancels by returning false.
    Matrix (*embed)(Module &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit, const ShareDone &progress) = nullptr;
    /// Embeddings of the first `count` held-out samples, seen twice as the run's method sees them.
    std::pair<Matrix, Matrix> (*twoViews)(TrainedEncoder &trained, const Dataset &dataset, int64_t count) = nullptr;
    std::vector<Baseline> baselines = {};

    int64_t most = 0;        // training samples that are judged, spread evenly, and a quarter of that held-out ones; 0: all
    const char *ofSome = ""; // a sentence that says so, with %1 of %2
    /// Adds what is said of such data only, before features are judged; `whole` is all of the data. Null: nothing.
    void (*more)(TrainedEncoder &trained, const Dataset &whole, const Dataset &dataset, const EvaluationOptions &options, Judge &judge,
                 Evaluation &result) = nullptr;
    /// The same, behind what features scored.
    void (*last)(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result) = nullptr;
    int finetuneSteps = 0; // where none are asked for
    /// Adds what is learned from few labels by fine-tuning. Null: it cannot be fine-tuned, and probes are told all labels.
    void (*finetune)(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result) = nullptr;
};

} // namespace pretext
