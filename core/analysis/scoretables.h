// An evaluation as tables with a sentence below each: the command line prints them, the window draws them.
#pragma once

#include "core/analysis/evaluate.h"

#include <limits>
#include <string>
#include <vector>

namespace pretext {

struct ScoreCell
{
    std::string text;
    double share = std::numeric_limits<double>::quiet_NaN(); // of 1, where the cell is one
};

enum class ScoreKind { features, classes, segmentation, finetuning, tokens, inContext, retrieval };

struct ScoreTable
{
    ScoreKind kind;
    std::vector<std::string> header;
    std::vector<std::vector<ScoreCell>> rows; // as wide as the header; the first cell says what is judged
    std::string below;
    bool isCurve = false; // the header counts: its only row is a curve over it
};

/// What there is to say; what was not evaluated has no table.
std::vector<ScoreTable> tablesOf(const Evaluation &evaluation);
std::string geometryOf(const Evaluation &evaluation);
/// What features are called in tables: "supervised" is a method, too, which a row of that name is not the run's.
std::string featuresName(const std::string &features);

} // namespace pretext
