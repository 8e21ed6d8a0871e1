// How good an encoder is, beside what needs no learning: kNN and a linear probe on its embeddings, on raw pixels, on PCA, and on the
// untrained encoder. Evaluation mode, held-out split.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

struct EvaluationRow { std::string features; int64_t dimension = 0; std::string column; double knn = -1, probe = -1, r2 = -2; }; // unset: not applicable
struct Evaluation { std::vector<EvaluationRow> rows; double alignment = 0, uniformity = 0, effectiveRank = 0; std::vector<std::string> notes; };
using Progress = std::function<bool(const std::string &what, double share)>; // false: cancel
Evaluation evaluate(TrainedEncoder &trained, const Dataset &dataset, bool baselines, const Progress &progress = {});

} // namespace pretext
