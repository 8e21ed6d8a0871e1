#include "tests/bench/window/everypanel.h"

#include "app/dockarea.h"
#include "app/mainwindow.h"

#include <QDockWidget>
#include <QTest>

#include <iterator>

namespace pretext::bench {

void showEveryPanel(MainWindow &window)
{
    window.docks().applyDefault();
    const auto below = [&](const char *above, const char *moved) {
        window.removeDockWidget(window.docks().dock(moved));
        window.splitDockWidget(window.docks().dock(above), window.docks().dock(moved), Qt::Vertical);
        window.docks().dock(moved)->show();
    };
    QTest::qWait(100);
    const char *columns[] = {"similarity", "controls", "viewpairs"};
    int next = 0;
    for (const PanelType &type : panelTypes())
        if (!window.docks().panel(type.name)->isShowing())
            below(columns[next++ % std::size(columns)], type.name.toUtf8().constData());
    QTest::qWait(500);
    for (const PanelType &type : panelTypes())
        if (!window.docks().panel(type.name)->isShowing())
            qFatal("%s is not in sight", qPrintable(type.name));
}

} // namespace pretext::bench
