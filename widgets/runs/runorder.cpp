#include "widgets/runs/runorder.h"

#include "widgets/runs/runmodel.h"

namespace pretext {

RunOrder::RunOrder(RunModel *runs, QObject *parent) : QSortFilterProxyModel(parent), m_runs(runs)
{
    setSourceModel(runs);
}

void RunOrder::setFilter(RunFilter filter, bool deleted)
{
    m_filter = std::move(filter);
    m_deleted = deleted;
    invalidateRowsFilter();
}

const RunSummary &RunOrder::run(int row) const
{
    return m_runs->run(mapToSource(index(row, 0)).row());
}

bool RunOrder::filterAcceptsRow(int row, const QModelIndex &) const
{
    const RunSummary &run = m_runs->run(row);
    return !run.from.empty() == m_deleted && m_filter.accepts(run);
}

/// What has no value comes last whichever way it is sorted.
bool RunOrder::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const std::string key = m_runs->keyOf(left.column());
    const RunValue a = valueOf(m_runs->run(left.row()), key), b = valueOf(m_runs->run(right.row()), key);
    const bool none = std::holds_alternative<std::monostate>(a), noneRight = std::holds_alternative<std::monostate>(b);
    if (none || noneRight)
        return sortOrder() == Qt::AscendingOrder ? !none && noneRight : none && !noneRight;
    return a == b ? m_runs->run(left.row()).path < m_runs->run(right.row()).path : comesBefore(a, b); // ties keep their order whatever is shown
}

} // namespace pretext
