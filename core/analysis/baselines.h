// What an encoder has to beat: the same encoder with its initial weights, PCA and the pixels themselves, or TF-IDF of text.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

struct Features
{
    std::string name;
    Matrix train, test;
    std::function<Matrix(const Matrix &)> whitened = {}; // what their cosines are taken of; null: of themselves
};
using ShareDone = std::function<bool(double)>; // false: cancel

Features encoderFeatures(const std::string &name, Encoder &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress = {});

struct Baseline
{
    std::string name;
    Features (*make)(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress);
};
/// The untrained encoder, which every kind of data has, and what else is judged of it.
std::vector<Baseline> imageBaselines();
std::vector<Baseline> textBaselines();
Features untrainedFeatures(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress);

} // namespace pretext
