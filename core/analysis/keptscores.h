// What features scored that no training changes, kept in the user's cache: pixels and first weights are judged once for a data set.
#pragma once

#include "core/analysis/evaluate.h"

#include <filesystem>
#include <optional>

namespace pretext {

/// The rows that one kind of features added to an evaluation.
struct Scores
{
    std::vector<EvaluationRow> rows;
    std::vector<FinetuneRow> fewLabels;
};

/// Where the scores of a baseline are kept: by the data with their labels, how they are judged, and of the untrained encoder by all that makes it.
/// Empty where there is no cache.
std::filesystem::path keptScoresFile(const std::string &baseline, const CheckpointState &state, const Dataset &dataset, bool fewLabels);
/// None where there are none, or they cannot be read.
std::optional<Scores> keptScores(const std::filesystem::path &file);
void keepScores(const std::filesystem::path &file, const Scores &scores);

} // namespace pretext
