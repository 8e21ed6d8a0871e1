#include "widgets/scalarhistory.h"

#include "core/engine/runfolder.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace pretext {

namespace {

QString linesOf(const std::vector<std::pair<QString, const ScalarHistory *>> &runs, bool named)
{
    std::set<std::string> columns;
    for (const auto &[run, history] : runs)
        for (const auto &[name, values] : history->columns)
            columns.insert(name);
    QString text = named ? QStringLiteral("run,step,seconds") : QStringLiteral("step,seconds");
    for (const std::string &name : columns)
        text += ',' + QString::fromStdString(name);
    for (const auto &[run, history] : runs) {
        QString name = run;
        const QString begin = named ? QStringLiteral("\n\"%1\",").arg(name.replace(u'"', QLatin1String("\"\""))) : QStringLiteral("\n");
        for (size_t i = 0; i < history->size(); ++i) {
            text += begin + QStringLiteral("%1,%2").arg(history->steps[i], 0, 'f', 0).arg(history->seconds[i], 0, 'g', 10);
            for (const std::string &column : columns) {
                const auto values = history->columns.find(column);
                const bool has = values != history->columns.end() && !std::isnan(values->second[i]);
                text += ',' + (has ? QString::number(values->second[i], 'g', 10) : QString());
            }
        }
    }
    return text + '\n';
}

} // namespace

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

bool ScalarHistory::cutAfter(int64_t step)
{
    const auto kept = size_t(std::ranges::upper_bound(steps, double(step)) - steps.begin());
    if (kept == steps.size())
        return false;
    steps.resize(kept);
    seconds.resize(kept);
    for (auto &[name, column] : columns)
        column.resize(kept);
    return true;
}

void ScalarHistory::clear()
{
    steps.clear();
    seconds.clear();
    columns.clear();
}

QString csvOf(const ScalarHistory &history)
{
    return linesOf({{{}, &history}}, false);
}

QString csvOf(const std::vector<std::pair<QString, const ScalarHistory *>> &runs)
{
    return linesOf(runs, true);
}

} // namespace pretext
