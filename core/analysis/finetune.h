// Fine-tuning: how well classes are learned from few labels, and from all, by an encoder and a linear layer trained together. Once from the
// run's weights, once from the weights the run began with, which is the same encoder supervised: the difference is what pre-training gave.
#pragma once

#include "core/analysis/features.h"
#include "core/engine/model.h"

#include <string>
#include <vector>

namespace pretext {

/// One label column, learned from 1, 10, 100 and all labels a class; held-out accuracies in [0, 1].
struct FinetuneRow
{
    std::string start; // "fine-tuned": from the run's weights, "supervised": from its initial ones; else the frozen features of a linear probe
    std::string column;
    std::vector<double> accuracy; // as kLabelsPerClass
};
inline const std::vector<int> kLabelsPerClass{1, 10, 100, 0}; // 0: all

/// The training rows whose labels are told: `perClass` of each class (0: all), in a drawn order, the same for every run; of classes with fewer, those.
std::vector<size_t> labelledRows(const ClassColumn &column, int perClass);

/// Samples of a split as the encoder maps them, [rows, D], some at a time: as they are, without augmentations.
struct EncodedRows
{
    size_t count = 0;
    /// In training, `step` seeds the dropout.
    std::function<Variable(Encoder &encoder, const std::vector<size_t> &rows, int step)> embed;
};

/// How both starts are trained and judged. AdamW at 1e-3 with a weight decay of 0.01, a warm-up over a tenth, then half a cosine.
struct FinetuneOptions
{
    int steps = 0;
    int batch = 32;    // at most: of fewer labels, all of them
    int judged = 1000; // held-out samples, spread evenly
};
/// Both starts see the same labels, those of labelledRows, in the same order. Classes with fewer labels than asked for give what they have.
FinetuneRow finetune(const TrainedEncoder &trained, bool pretrained, const EncodedRows &train, const EncodedRows &test, const ClassColumn &classes,
                     const FinetuneOptions &options, const std::function<bool(double)> &progress = {});

} // namespace pretext
