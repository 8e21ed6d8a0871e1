// What `pretext evaluate` found, as tables.
#pragma once

#include "core/analysis/evaluate.h"
#include "core/analysis/scoretables.h"

#include <set>

namespace pretext {

/// Prints an evaluation row by row as it is known. Features' rows come one by one; the other tables are printed when they are whole. A first look, which
/// better rows will replace, is held back until it is all there will be.
class EvaluationPrinter
{
public:
    /// `columns`: of the data, whose names the rows will have; `supervised`: one of them will be the supervised baseline's.
    EvaluationPrinter(const std::vector<LabelColumn> &columns, bool supervised);
    void add(const Evaluation &evaluation);
    /// What is left to say at the end, or where it was stopped.
    void finish(const Evaluation &evaluation);

private:
    void addRows(const ScoreTable &table, size_t count);
    void addKnown(const Evaluation &evaluation, bool all);

    std::vector<size_t> m_widths; // of the features' table, so that rows to come stand below those that are printed
    size_t m_rows = 0;
    bool m_geometry = false;
    std::set<ScoreKind> m_printed;
};

/// The encoder's own scores in a line: "a first look, by 12000 training samples: label kNN-20 86.4 %, probe 87.9 %".
std::string firstLookInWords(const Evaluation &evaluation);

} // namespace pretext
