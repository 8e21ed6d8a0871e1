#include "tests/bench/window/everypanel.h"

#include "app/dockarea.h"
#include "app/mainwindow.h"

#include <QDockWidget>
#include <QTest>

#include <iterator>
#include <vector>

namespace pretext::bench {

void showEveryPanel(MainWindow &window)
{
    window.docks().applyDefault();
    QTest::qWait(100);
    std::vector<QDockWidget *> hidden; // behind other tabs; all leave these before one is put elsewhere, for a tab is not split
    for (const PanelType &type : panelTypes())
        if (!window.docks().panel(type.name)->isShowing())
            hidden.push_back(window.docks().dock(type.name));
    for (QDockWidget *dock : hidden)
        window.removeDockWidget(dock);
    const char *columns[] = {"similarity", "controls", "viewpairs"};
    for (size_t i = 0; i < hidden.size(); ++i) {
        window.splitDockWidget(window.docks().dock(columns[i % std::size(columns)]), hidden[i], Qt::Vertical);
        hidden[i]->show();
    }
    QTest::qWait(500);
    for (const PanelType &type : panelTypes())
        if (!window.docks().panel(type.name)->isShowing())
            qFatal("%s is not in sight", qPrintable(type.name));
}

} // namespace pretext::bench
