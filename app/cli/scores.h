// What `pretext evaluate` found, as tables.
#pragma once

#include "core/analysis/evaluate.h"
#include "core/analysis/scoretables.h"

#include <set>

namespace pretext {

/// Prints an evaluation row by row as it is known. Features' rows come one by one; the other tables are printed when they are whole.
class EvaluationPrinter
{
public:
    /// `columns`: of the data, whose names the rows will have.
    explicit EvaluationPrinter(const std::vector<LabelColumn> &columns);
    void add(const Evaluation &evaluation);
    /// What is left to say at the end, or where it was stopped.
    void finish(const Evaluation &evaluation);

private:
    void addRows(const ScoreTable &table);

    std::vector<size_t> m_widths; // of the features' table, so that rows to come stand below those that are printed
    size_t m_rows = 0;
    bool m_geometry = false;
    std::set<ScoreKind> m_printed;
};

} // namespace pretext
