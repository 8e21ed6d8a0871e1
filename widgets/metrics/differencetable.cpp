#include "widgets/metrics/differencetable.h"

#include <QHeaderView>

#include <algorithm>

namespace pretext {

namespace {
constexpr int kWidestTable = 320;
}

DifferenceTable::DifferenceTable(QWidget *parent) : QTableWidget(parent)
{
    setVisible(false);
    setMaximumWidth(kWidestTable);
    verticalHeader()->hide();
    setEditTriggers(NoEditTriggers);
    setAccessibleName(tr("Knobs that differ"));
}

void DifferenceTable::compare(const RunConfig *running, const std::vector<std::shared_ptr<OverlaidRun>> &others)
{
    setVisible(!others.empty());
    std::vector<const RunConfig *> configs;
    QStringList header = {!running && others.size() == 1 ? tr("setting") : tr("differs")};
    if (running) {
        configs.push_back(running);
        header << tr("this run");
    }
    for (const auto &run : others) {
        configs.push_back(&run->config);
        header << run->name;
    }
    const auto rows = differences(configs);
    setColumnCount(int(header.size()));
    setHorizontalHeaderLabels(header);
    clearSpans();
    setRowCount(std::max(1, int(rows.size())));
    if (rows.empty()) {
        setItem(0, 0, new QTableWidgetItem(tr("no setting, so far")));
        setSpan(0, 0, 1, columnCount());
    }
    for (int row = 0; row < int(rows.size()); ++row) {
        setItem(row, 0, new QTableWidgetItem(rows[size_t(row)].name));
        int column = 1;
        for (const QString &value : rows[size_t(row)].values)
            setItem(row, column++, new QTableWidgetItem(value));
    }
    resizeColumnsToContents();
}

} // namespace pretext
