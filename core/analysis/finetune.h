// Fine-tuning: how well classes are learned from few labels, and from all, by an encoder and a linear layer trained together. Once from the
// run's weights, once from the weights the run began with, which is the same encoder supervised: the difference is what pre-training gave.
#pragma once

#include "core/analysis/features.h"
#include "core/analysis/textfeatures.h"

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

/// The training rows whose labels are told: `perClass` of each class (0: all), in a drawn order; of classes with fewer, those.
std::vector<size_t> labelledRows(const ClassColumn &column, int perClass, uint64_t seed);

/// Both starts see the same labels, those of labelledRows, in the same order: `steps` steps of AdamW (rate 1e-3, weight decay 0.01, warm-up over a tenth,
/// then half a cosine) on batches of at most kFinetuneBatch texts. Classes with fewer labels give what they have. Judged on at most
/// kFinetuneJudged held-out texts spread evenly.
constexpr int kFinetuneBatch = 32, kFinetuneJudged = 1000;
FinetuneRow finetuneText(const TrainedEncoder &trained, bool pretrained, const EncodedTexts &train, const EncodedTexts &test, const ClassColumn &classes,
                         int steps, const std::function<bool(double)> &progress = {});

} // namespace pretext
