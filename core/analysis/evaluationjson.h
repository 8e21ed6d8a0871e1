// An evaluation as JSON: what `pretext evaluate --json` prints, and what a run keeps of it.
#pragma once

#include "core/analysis/evaluate.h"

#include <nlohmann/json_fwd.hpp>

namespace pretext {

/// Accuracies in [0, 1].
nlohmann::json toJson(const Evaluation &evaluation);

} // namespace pretext
