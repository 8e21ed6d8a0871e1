// What may be asked of data that are a folder of pictures.
#pragma once

#include "core/data/dataset.h"

namespace pretext {

/// Whether DatasetOptions acts on the data: their pictures are resized, and read in colour or in grey.
bool isResized(const Dataset &dataset);

} // namespace pretext
