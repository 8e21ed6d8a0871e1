// Long-tailed data: a data set whose training split keeps fewer and fewer samples from its first class to its last, as they are met outside of benchmarks.
#pragma once

#include "core/data/dataset.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace pretext {

constexpr double kMostImbalance = 1e4;

/// How many each class keeps of `counts` samples: the first as many as the largest has, the last a `ratio`-th of that, and between them shares that fall
/// exponentially (Cui et al. 2019, "Class-balanced loss based on effective number of samples", section 4.1); never more than there are, and one at least.
std::vector<int64_t> longTail(const std::vector<int64_t> &counts, double ratio);

/// The data with a training split of so many samples of each class of the first label column; which ones is drawn once and for all, the same on every
/// machine. Held-out samples stay as they are, and so do the mean and deviation. Throws std::invalid_argument naming the data where they have no classes.
std::shared_ptr<const Dataset> longTailed(std::shared_ptr<const Dataset> dataset, double ratio);

} // namespace pretext
