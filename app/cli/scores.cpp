#include "app/cli/scores.h"

#include "app/cli/table.h"
#include "core/analysis/scoretables.h"

#include <algorithm>
#include <cstdio>
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

EvaluationPrinter::EvaluationPrinter(const std::vector<LabelColumn> &columns, bool supervised)
    : m_widths{widthOf(supervised ? featuresName("supervised") : "raw pixels"), 0, 0}
{
    for (const LabelColumn &column : columns)
        m_widths[2] = std::max(m_widths[2], widthOf(column.name));
}

/// Those up to `count` that are not printed yet.
void EvaluationPrinter::addRows(const ScoreTable &table, size_t count)
{
    if (m_rows == 0 && count > 0) {
        m_widths.resize(table.header.size());
        for (size_t i = 0; i < table.header.size(); ++i)
            m_widths[i] = std::max({m_widths[i], widthOf(table.header[i]), widthOf(table.rows.front()[i].text)});
        printTable(std::cout, {table.header}, 0, m_widths);
    }
    for (; m_rows < count; ++m_rows)
        printTable(std::cout, {cellsOf(table.rows[m_rows])}, 0, m_widths);
    std::cout << std::flush;
}

void EvaluationPrinter::add(const Evaluation &evaluation)
{
    addKnown(evaluation, false);
}

void EvaluationPrinter::addKnown(const Evaluation &evaluation, bool all)
{
    const bool geometry = evaluation.dimension > 0 && (all || evaluation.of == 0);
    if (!m_geometry && geometry)
        std::cout << geometryOf(evaluation) << "\n" << evaluation.diagnosis.sentence << (evaluation.health ? "\n\n" : "\n") << std::flush;
    m_geometry |= geometry;
    const auto firstLook = std::ranges::find_if(evaluation.rows, [](const EvaluationRow &row) { return row.of > 0; });
    for (const ScoreTable &table : tablesOf(evaluation)) {
        if (table.kind == ScoreKind::features)
            addRows(table, all ? table.rows.size() : size_t(firstLook - evaluation.rows.begin()));
        else if (!growsTillTheEnd(table.kind) && m_printed.insert(table.kind).second)
            printWhole(table);
    }
}

void EvaluationPrinter::finish(const Evaluation &evaluation)
{
    addKnown(evaluation, true);
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

std::string firstLookInWords(const Evaluation &evaluation)
{
    std::string text = "a first look, by " + std::to_string(evaluation.of) + " training samples:";
    const auto number = [](double value, int decimals) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
        return std::string(digits);
    };
    for (const EvaluationRow &row : evaluation.rows)
        text += (&row == &evaluation.rows.front() ? " " : "; ") + row.column
                + (row.knn < 0
                       ? " R² " + number(row.r2, 2)
                       : " kNN-" + std::to_string(evaluation.neighbours) + " " + number(100 * row.knn, 1) + " %, probe " + number(100 * row.probe, 1) + " %");
    return text;
}

} // namespace pretext
