// What `pretext evaluate` found, as tables and as JSON.
#pragma once

#include "core/analysis/evaluate.h"

#include <nlohmann/json_fwd.hpp>

namespace pretext {

void printEvaluation(const Evaluation &evaluation);
nlohmann::json toJson(const Evaluation &evaluation);

} // namespace pretext
