// The knobs in which runs differ, one column a run, with the colour of its curves; hidden while there is but one run.
#pragma once

#include "widgets/metrics/overlaidrun.h"

#include <QTableWidget>

namespace pretext {

class DifferenceTable : public QTableWidget
{
    Q_OBJECT
public:
    explicit DifferenceTable(QWidget *parent = nullptr);
    /// running: null where it is not compared. Places: of each run's colour among those of curves, the running one's at the front.
    void compare(const RunConfig *running, const std::vector<std::shared_ptr<OverlaidRun>> &others, const std::vector<size_t> &places);
};

} // namespace pretext
