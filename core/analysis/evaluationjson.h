// An evaluation as JSON: what `pretext evaluate --json` prints, and what a run keeps of it.
#pragma once

#include "core/analysis/evaluate.h"

#include <nlohmann/json_fwd.hpp>

namespace pretext {

/// Accuracies in [0, 1].
nlohmann::json toJson(const Evaluation &evaluation);

/// The same with what was judged: checkpoint, step, encoder, method, and the data's name.
nlohmann::json toJson(const Evaluation &evaluation, const TrainedEncoder &judged, const std::string &data);
/// Keeps that in RUN/evaluation.json, of a checkpoint in RUN/checkpoints; another checkpoint's is kept nowhere. Throws std::runtime_error where it cannot be
/// written.
void keepEvaluation(const Evaluation &evaluation, const TrainedEncoder &judged, const std::string &data);

} // namespace pretext
