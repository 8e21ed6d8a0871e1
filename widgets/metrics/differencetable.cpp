#include "widgets/metrics/differencetable.h"

#include "widgets/plots/colourmap.h"

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

void DifferenceTable::compare(const RunConfig *running, const std::vector<std::shared_ptr<OverlaidRun>> &others, const std::vector<size_t> &places)
{
    setVisible(!others.empty());
    std::vector<RunSettings> configs;
    QStringList header = {!running && others.size() == 1 ? tr("setting") : tr("differs")};
    if (running) {
        configs.emplace_back(running);
        header << tr("this run");
    }
    for (const auto &run : others) {
        configs.emplace_back(*run);
        header << run->name;
    }
    const auto rows = differences(configs);
    setColumnCount(int(header.size()));
    setHorizontalHeaderLabels(header);
    const bool dark = palette().color(QPalette::Base).lightness() < 128;
    for (int column = 1; column < columnCount(); ++column) {
        QPixmap stroke(fontMetrics().height(), 3);
        stroke.fill(curveColour(places[size_t(column) - (running ? 1 : 0)], dark));
        horizontalHeaderItem(column)->setIcon(QIcon(stroke));
    }
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
