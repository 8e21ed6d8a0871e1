// A few samples of many, spread evenly: what is judged or mapped where all of them would take long. Data in the order of their classes keep all
// classes that way.
#pragma once

#include "core/data/dataset.h"

#include <memory>

namespace pretext {

/// The i-th of `count` samples spread over `size`; count is at most size.
int64_t spreadIndex(int64_t i, int64_t count, int64_t size);
/// Which of them the sample is; -1: none.
int64_t spreadPlace(int64_t sample, int64_t count, int64_t size);
/// At most so many samples of each split. The data set must outlive it.
std::shared_ptr<const Dataset> spreadSubset(const Dataset &dataset, int64_t train, int64_t test);

} // namespace pretext
