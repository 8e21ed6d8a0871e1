// A batch's views of images as the window shows them.
#pragma once

#include "core/channels/recorder.h"
#include "core/data/batch.h"
#include "core/data/prepared.h"

#include <memory>

namespace pretext {

/// Offers views/originals, views/pixels and views/records. The batch outlives the offers.
void offerImageViews(const Batch &batch, const std::shared_ptr<const Prepared> &prepared, Recorder &recorder);

} // namespace pretext
