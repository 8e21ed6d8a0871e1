#include "widgets/scalarhistory.h"

#include <limits>

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

void ScalarHistory::clear()
{
    steps.clear();
    seconds.clear();
    columns.clear();
}

} // namespace pretext
