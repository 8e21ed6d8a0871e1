// The rows of a list of runs that are shown, and their order.
#pragma once

#include "core/engine/runfilter.h"

#include <QSortFilterProxyModel>

namespace pretext {

class RunModel;

class RunOrder : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit RunOrder(RunModel *runs, QObject *parent = nullptr);
    /// `deleted`: those in the trash, and no others.
    void setFilter(RunFilter filter, bool deleted);
    const RunSummary &run(int row) const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    RunModel *m_runs;
    RunFilter m_filter;
    bool m_deleted = false;
};

} // namespace pretext
