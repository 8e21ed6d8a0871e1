// What methods that train on images are best begun with, and with other data that have views.
#pragma once

#include "core/ssl/method.h"

#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// A recipe for the data: encoder, optimizer and augmentations for two cores and minutes, and `more` on top, which replaces what it names.
/// Of data that are no images what these say suits them, DatasetInfo::knobs, goes on top of `more`.
Recipe imageRecipe(const DatasetInfo &info, std::vector<std::pair<std::string, KnobValue>> more);

} // namespace pretext
