// The same encoder trained from the start with labels: what an encoder that learned without them is held against.
#pragma once

#include "core/analysis/baselines.h"

#include <filesystem>

namespace pretext {

constexpr int kSupervisedSteps = 1000; // a minute or so of the default encoder on two cores

/// Throws std::invalid_argument where such an encoder is not trained by the method "supervised", or the data have no classes.
void requireSupervisable(const TrainedEncoder &trained, const Dataset &dataset);
/// Trained by the method "supervised" and its recipe, with the run's encoder, batch and seed, for so many steps on the training split. It is kept in the
/// user's cache, by data, encoder and budget, and read from there the next time: then `kept` is set. Throws as requireSupervisable.
/// Stops where `progress` says so, with features of what was learned by then.
Features supervisedFeatures(const TrainedEncoder &trained, const Dataset &dataset, int steps, const ShareDone &progress, bool &kept);

} // namespace pretext
