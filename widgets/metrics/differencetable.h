// The knobs in which runs differ, one column a run; hidden while there is but one run.
#pragma once

#include "widgets/metrics/overlaidrun.h"

#include <QTableWidget>

namespace pretext {

class DifferenceTable : public QTableWidget
{
    Q_OBJECT
public:
    explicit DifferenceTable(QWidget *parent = nullptr);
    void compare(const RunConfig *running, const std::vector<std::shared_ptr<OverlaidRun>> &others);
};

} // namespace pretext
