#include "widgets/scalarhistory.h"

#include "core/engine/runfolder.h"

namespace pretext {

void ScalarHistory::append(const ScalarRow &row)
{
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    steps.push_back(static_cast<double>(row.step));
    seconds.push_back(row.seconds);
    for (const auto &[name, value] : row.values) {
        auto &column = columns[name];
        column.resize(steps.size() - 1, nothing);
        column.push_back(value);
    }
    for (auto &[name, column] : columns)
        column.resize(steps.size(), nothing);
}

void ScalarHistory::append(const MetricsTable &table, double end)
{
    for (const std::vector<double> &cells : table.rows) {
        if (cells.size() != table.columns.size() || cells.size() < 2 || cells[0] >= end)
            continue;
        ScalarRow row{static_cast<int64_t>(cells[0]), cells[1], {}};
        for (size_t i = 2; i < cells.size(); ++i)
            row.values.emplace_back(table.columns[i], cells[i]);
        append(row);
    }
}

ScalarRow ScalarHistory::row(size_t index) const
{
    ScalarRow row{static_cast<int64_t>(steps[index]), seconds[index], {}};
    for (const auto &[name, column] : columns)
        row.values.emplace_back(name, column[index]);
    return row;
}

void ScalarHistory::clear()
{
    steps.clear();
    seconds.clear();
    columns.clear();
}

} // namespace pretext
