// How good and how healthy an encoder is while it trains: kNN, a linear probe and its health on some held-out samples, the same ones all the time, as
// columns of metrics.csv.
#pragma once

#include "core/engine/observer.h"

namespace pretext {

/// Samples that it looks at, each spread evenly over its split: neighbours are looked for, and the probe is fitted, among the first number of training
/// samples, the accuracies are of the second of held-out ones.
struct OnlineSamples
{
    int64_t bank, queries;
};
/// Fewer texts than images: one takes as long as many small images.
OnlineSamples onlineSamplesOf(const Dataset &dataset);

/// Columns evaluation/knn and evaluation/probe where the data have a column of classes (the first that has two), in [0, 1], and health/... as in health.h.
/// The probe's L2 is 0.01 and its fit ends after 60 iterations: less than `evaluate` does, and enough to see whether it rises.
std::unique_ptr<Observer> makeOnlineEvaluation(const RunConfig &config, const Dataset &dataset);

} // namespace pretext
