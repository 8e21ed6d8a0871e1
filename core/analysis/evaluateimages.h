// What an evaluation says of encoders of images only.
#pragma once

#include "core/analysis/judge.h"

namespace pretext {

/// A split's images as the encoder maps them, without augmentations; the data set outlives it.
EncodedRows imageRows(const TrainedEncoder &trained, const Dataset &dataset, Split split);
/// Of data whose pixels have classes: what the encoder's last map knows of them, beside the untrained encoder's and the pixels themselves.
void describeSegmentation(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result);
/// Fine-tuned from both starts for every label column, by the images as they are.
void describeImageFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result);

} // namespace pretext
