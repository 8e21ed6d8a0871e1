#include "app/cli/scores.h"

#include "app/cli/table.h"
#include "core/analysis/scoretables.h"

#include <algorithm>
#include <iostream>

namespace pretext {

namespace {

std::vector<std::string> cellsOf(const std::vector<ScoreCell> &row)
{
    std::vector<std::string> cells;
    for (const ScoreCell &cell : row)
        cells.push_back(cell.text);
    return cells;
}

/// Whether rows may come to it as long as the evaluation goes on.
bool growsTillTheEnd(ScoreKind kind)
{
    return kind == ScoreKind::finetuning || kind == ScoreKind::classes || kind == ScoreKind::segmentation;
}

void printWhole(const ScoreTable &table)
{
    std::vector<std::vector<std::string>> cells{table.header};
    for (const std::vector<ScoreCell> &row : table.rows)
        cells.push_back(cellsOf(row));
    printTable(std::cout, cells);
    std::cout << table.below << (table.below.empty() ? "\n" : "\n\n") << std::flush;
}

} // namespace

EvaluationPrinter::EvaluationPrinter(const std::vector<LabelColumn> &columns) : m_widths{std::string("raw pixels").size(), 0, 0}
{
    for (const LabelColumn &column : columns)
        m_widths[2] = std::max(m_widths[2], widthOf(column.name));
}

void EvaluationPrinter::addRows(const ScoreTable &table)
{
    if (m_rows == 0) {
        m_widths.resize(table.header.size());
        for (size_t i = 0; i < table.header.size(); ++i)
            m_widths[i] = std::max(m_widths[i], widthOf(table.header[i]));
        printTable(std::cout, {table.header}, 0, m_widths);
    }
    for (; m_rows < table.rows.size(); ++m_rows)
        printTable(std::cout, {cellsOf(table.rows[m_rows])}, 0, m_widths);
    std::cout << std::flush;
}

void EvaluationPrinter::add(const Evaluation &evaluation)
{
    if (!m_geometry && evaluation.dimension > 0)
        std::cout << geometryOf(evaluation) << "\n" << evaluation.diagnosis.sentence << (evaluation.health ? "\n\n" : "\n") << std::flush;
    m_geometry |= evaluation.dimension > 0;
    for (const ScoreTable &table : tablesOf(evaluation)) {
        if (table.kind == ScoreKind::features)
            addRows(table);
        else if (!growsTillTheEnd(table.kind) && m_printed.insert(table.kind).second)
            printWhole(table);
    }
}

void EvaluationPrinter::finish(const Evaluation &evaluation)
{
    add(evaluation);
    for (const ScoreTable &table : tablesOf(evaluation)) {
        if (table.kind == ScoreKind::features)
            std::cout << table.below << (evaluation.notes.empty() && evaluation.finetuned.empty() ? "\n" : "\n\n");
        if (growsTillTheEnd(table.kind))
            printWhole(table);
    }
    for (const std::string &note : evaluation.notes)
        std::cout << note << "\n";
    std::cout << std::flush;
}

} // namespace pretext
