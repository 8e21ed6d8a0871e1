// The config that a run's text stands for: the text is a `pretext train` line, read by the very options of that.
#pragma once

#include "core/engine/config.h"

#include <memory>
#include <string>

namespace pretext {

/// `dataset` is opened. Throws std::invalid_argument or std::runtime_error, one line: it is cut off, of a newer version, or changed; or the data are
/// not there, or others.
RunConfig configOfRunText(const std::string &text, std::shared_ptr<const Dataset> &dataset);

} // namespace pretext
