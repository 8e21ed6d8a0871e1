// How long thousands of runs take: read from their folders for the first time, looked at again, opened in the panel from the database, and scrolled through.
// Makes the runs in a folder of its own. Needs a display.
#include "tests/manyruns.h"
#include "widgets/panel.h"
#include "widgets/runs/rundatabase.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QLineEdit>
#include <QScrollBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

using namespace pretext;

namespace {

constexpr int kFrames = 300;

double timed(const std::function<void()> &work)
{
    QElapsedTimer clock;
    clock.start();
    work();
    return double(clock.nsecsElapsed()) / 1e6;
}

void tell(const char *what, double milliseconds)
{
    std::printf("%-58s %8.1f ms\n", what, milliseconds);
    std::fflush(stdout);
}

/// Leaves the processor to the work that it waits for.
void waitUntil(const std::function<bool()> &done)
{
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (done())
            loop.quit();
    });
    look.start(2);
    loop.exec();
}

/// One step of the scroll bar a frame, each painted before the next.
void scroll(QTableView &table)
{
    std::vector<double> frames;
    QScrollBar *bar = table.verticalScrollBar();
    for (int frame = 0; frame < kFrames; ++frame)
        frames.push_back(timed([&] {
            bar->setValue(bar->maximum() * (frame + 1) / kFrames);
            table.viewport()->repaint();
            QCoreApplication::processEvents();
        }));
    std::ranges::sort(frames);
    tell("a frame of scrolling, median", frames[kFrames / 2]);
    tell("a frame of scrolling, 99 of 100", frames[kFrames * 99 / 100]);
}

} // namespace

int main(int argc, char **argv)
{
    QTemporaryDir folder;
    qputenv("XDG_DATA_HOME", folder.path().toUtf8());
    QApplication::setApplicationName("pretext");
    QApplication application(argc, argv);
    const int count = argc > 1 ? QByteArray(argv[1]).toInt() : 5000;
    const RunStore store = userRuns();
    const test::RunMaker maker;
    tell(qPrintable(QString("%1 runs made").arg(count)), timed([&] {
             for (int i = 0; i < count; ++i)
                 maker.make(store.runs() / ("run-" + std::to_string(i)), i);
         }));
    {
        RunDatabase database(store.database());
        tell("read from their folders, and written to the database", timed([&] { sweepRuns(store, &database); }));
        tell("looked at again", timed([&] { sweepRuns(store, &database); }));
        tell("read from the database", timed([&] { database.all(); }));
    }
    Workbench workbench;
    Selection selection;
    std::unique_ptr<Panel> panel;
    for (const PanelType &type : panelTypes())
        if (type.name == "runs")
            panel.reset(type.make({&workbench, workbench.add(), &selection}));
    panel->resize(1200, 700);
    auto *table = panel->findChild<QTableView *>();
    tell("the panel opens, until all rows are shown", timed([&] {
             panel->show();
             waitUntil([&] { return table->model()->rowCount() == count; });
             table->viewport()->repaint();
         }));
    QElapsedTimer since; // the look at the folders behind it
    since.start();
    waitUntil([&] { return since.elapsed() > 3000; });
    scroll(*table);
    for (const char *key : {"by loss", "by run"})
        tell(key, timed([&] { table->sortByColumn(key == QByteArray("by loss") ? 5 : 0, Qt::AscendingOrder); }));
    tell("found by a knob, from the key to the rows", timed([&] {
             panel->findChild<QLineEdit *>()->setText("method=simclr temperature<0.2 run");
             waitUntil([&] { return table->model()->rowCount() != count; });
             table->viewport()->repaint();
         }));
    return 0;
}
