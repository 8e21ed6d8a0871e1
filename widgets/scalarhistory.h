// Every scalar of every step, kept by column: a million steps stay a few hundred megabytes less than rows of names would be.
#pragma once

#include "core/engine/lanes.h"

#include <QString>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct MetricsTable;

struct ScalarHistory
{
    std::vector<double> steps, seconds;
    std::map<std::string, std::vector<double>> columns; // each as long as steps; NaN where a step did not write it

    size_t size() const { return steps.size(); }
    bool empty() const { return steps.empty(); }
    ScalarRow row(size_t index) const;
    void append(const ScalarRow &row);
    /// The whole rows of a metrics.csv whose steps come before `end`.
    void append(const MetricsTable &table, double end = std::numeric_limits<double>::infinity());
    /// Drops the rows of later steps; whether there were any.
    bool cutAfter(int64_t step);
    void clear();
};

/// A line for each step, empty cells where it wrote nothing.
QString csvOf(const ScalarHistory &history);
/// Of several runs, by their names: one after the other, with the columns that any of them has.
QString csvOf(const std::vector<std::pair<QString, const ScalarHistory *>> &runs);

} // namespace pretext
