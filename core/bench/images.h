// Pictures of 28 x 28 x 1 for the rows that make views: soft blobs, as many as asked for, in memory.
#pragma once

#include "core/engine/config.h"

#include <memory>

namespace pretext::bench {

std::shared_ptr<const Dataset> blobs(int count);
/// SimCLR on them by a residual network of 8 layers, crop, flip, jitter and blur on; the views that torchvision's side makes, too.
RunConfig blobConfig(const Dataset &dataset, int width);

} // namespace pretext::bench
