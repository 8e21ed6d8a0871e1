// Snapshots as a trainer would publish them, as large as they get, made of random numbers.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/lanes.h"
#include "core/engine/snapshot.h"

namespace pretext::uibench {

/// `pairs` pairs of 28 x 28 images, and their 2N x 2N similarity.
SnapshotPtr imagesOf(int pairs, int64_t step);
/// 64 rows of `tokens` tokens, 15 % masked with five candidates each, and the attention of 4 layers of 4 heads.
SnapshotPtr textOf(int tokens, int64_t step);
/// Steps `first` up to `last`, with a handful of scalars each.
std::vector<ScalarRow> stepsOf(int64_t first, int64_t last);
/// 200 pictures of ten classes, and so many held out.
std::shared_ptr<const Dataset> fewPictures(int64_t heldOut);

} // namespace pretext::uibench
