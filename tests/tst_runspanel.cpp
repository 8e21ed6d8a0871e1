// The panel of runs: what it lists and finds, what is written into its cells is written into the folders, and what it deletes comes back.
#include "app/savepanel.h"
#include "core/engine/runlock.h"
#include "core/files/json.h"
#include "jobfixture.h"
#include "manyruns.h"
#include "widgets/elidedlabel.h"
#include "widgets/metrics/curveplot.h"
#include "widgets/metrics/differencetable.h"
#include "widgets/metrics/overlaidrun.h"
#include "widgets/metrics/seedmeans.h"
#include "widgets/panel.h"
#include "widgets/runs/runcoordinates.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QCheckBox>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QPointer>
#include <QSignalSpy>
#include <QTableView>
#include <QUrl>
#include <QToolButton>

#include <algorithm>
#include <map>
#include <memory>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {
constexpr int kRuns = 12;
}

class TestRunsPanel : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        qunsetenv("PRETEXT_UNLISTED");
        useOwnSettings("pretext-tst-runspanel");
    }
    void init();
    void cleanup();
    void everyRunIsListedNewestFirst();
    void itIsFoundAndAKnobGetsAColumn();
    void columnsAreAsTheyWereLeft();
    void whatHasNoValueComesLastEitherWay();
    void notesAndTagsAreWrittenIntoTheFolder();
    void whatIsDeletedIsRestored();
    void whatIsImportedIsSelected();
    void whatIsGoneIsSaidAndForgotten();
    void refusalsAreSaid();
    void runsAreOpenedAndCompared();
    void aNewerListLeavesTheSelection();
    void rowsAreDraggedAsFolders();
    void coordinatesAreBrushed();
    void comparedRunsAreToldByWhatDiffers();
    void anUnreadableRunLeavesTheOthersCompared();
    void aCopyIsNoOtherSeed();
    void whatIsRefusedKeepsNothingElseFromTheTrash();
    void seedsAreDrawnAsAMeanInABand();
    void theOpenRunStandsOut(); // the last: its job goes on

private:
    fs::path at(const std::string &name) const { return userRuns().runs() / name; }
    QAbstractItemModel *rows() const { return m_table->model(); }
    QString cell(int row, const char *key) const { return rows()->index(row, RunModel::columnOf(key)).data().toString(); }
    int rowOf(const QString &name) const;
    QStringList names() const;
    void find(const QString &text);
    void press(const QString &tool);
    bool saysTotal(const QString &text) const;

    Workbench m_workbench;
    Run *m_run = m_workbench.add();
    Selection m_selection;
    std::unique_ptr<Panel> m_panel;
    QTableView *m_table = nullptr;
};

void TestRunsPanel::init()
{
    const RunMaker maker;
    for (int i = 0; i < kRuns; ++i) {
        maker.make(at("run-" + std::to_string(i)), i);
        for (const auto &file : fs::recursive_directory_iterator(at("run-" + std::to_string(i)))) // begun a day after one another
            fs::last_write_time(file.path(), fs::file_time_type::clock::now() - std::chrono::hours(24 * (kRuns - i)));
    }
    for (const PanelType &type : panelTypes())
        if (type.name == "runs")
            m_panel.reset(type.make({&m_workbench, m_run, &m_selection}));
    m_panel->resize(900, 400);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    m_table = m_panel->findChild<QTableView *>();
    QTRY_COMPARE(rows()->rowCount(), kRuns);
}

void TestRunsPanel::cleanup()
{
    m_panel.reset();
    fs::remove_all(userRuns().data());
}

int TestRunsPanel::rowOf(const QString &name) const
{
    return int(names().indexOf(name));
}

QStringList TestRunsPanel::names() const
{
    QStringList all;
    for (int row = 0; row < rows()->rowCount(); ++row)
        all << cell(row, "name");
    return all;
}

void TestRunsPanel::find(const QString &text)
{
    m_panel->findChild<QLineEdit *>()->setText(text);
    QTest::qWait(200); // it is taken once nobody types
}

void TestRunsPanel::press(const QString &tool)
{
    for (QToolButton *button : m_panel->findChildren<QToolButton *>())
        if ((button->text() == tool || button->text().startsWith(tool + " (")) && button->isEnabled()) {
            button->click();
            return;
        }
    QFAIL(qPrintable(tool));
}

bool TestRunsPanel::saysTotal(const QString &text) const
{
    for (const QLabel *label : m_panel->findChildren<QLabel *>())
        if (label->text().contains(text))
            return true;
    return false;
}

void TestRunsPanel::everyRunIsListedNewestFirst()
{
    QCOMPARE(names().first(), QString("run-11"));
    QCOMPARE(names().last(), QString("run-0"));
    QCOMPARE(cell(rowOf("run-4"), "method"), QString("byol"));
    QCOMPARE(cell(rowOf("run-4"), "knn"), QLocale().toString(100 * RunMaker::knnOf(4), 'f', 1) + " %");
    QCOMPARE(cell(rowOf("run-4"), "parent"), QString("run-0@50"));
    QCOMPARE(cell(rowOf("run-10"), "state"), QString("stopped"));
    QTRY_VERIFY(saysTotal("12 runs, "));
    const RunMaker maker;
    maker.make(at("run-12"), 12); // while it is shown
    emit m_run->jobStopped();
    QTRY_COMPARE(rows()->rowCount(), kRuns + 1);
    QCOMPARE(names().first(), QString("run-12"));
}

void TestRunsPanel::itIsFoundAndAKnobGetsAColumn()
{
    const int columns = rows()->columnCount();
    find("method=simclr temperature>=0.2");
    QStringList found = names();
    found.sort();
    QCOMPARE(found, QStringList({"run-3", "run-6", "run-9"}));
    QCOMPARE(rows()->rowCount(), 3);
    QCOMPARE(rows()->columnCount(), columns + 1);
    QCOMPARE(rows()->headerData(columns, Qt::Horizontal).toString(), QString("temperature"));
    QCOMPARE(rows()->index(rowOf("run-3"), columns).data().toString(), QLocale().toString(0.2));
    m_table->sortByColumn(columns, Qt::DescendingOrder);
    QCOMPARE(names(), QStringList({"run-9", "run-6", "run-3"}));
    QVERIFY(saysTotal("3 of 12 runs"));
    find("temprature=1");
    QVERIFY(saysTotal("did you mean temperature?"));
    find("temperature<abc");
    QVERIFY(saysTotal("temperature is a number"));
    emit m_run->jobStopped(); // the folders are read again, and it stays said
    QTest::qWait(900);
    QVERIFY(saysTotal("temperature is a number"));
    find("RUN-1");
    QCOMPARE(rows()->rowCount(), 3);
    find("");
    QCOMPARE(rows()->rowCount(), kRuns);
    QMenu *knobs = nullptr;
    for (const QToolButton *button : m_panel->findChildren<QToolButton *>())
        knobs = button->text() == "Knobs" ? button->menu() : knobs;
    emit knobs->aboutToShow();
    QStringList offered;
    for (QAction *action : knobs->actions()) {
        offered << action->text();
        if (action->text() == "learning_rate")
            action->trigger();
    }
    QVERIFY(offered.contains("temperature") && !offered.contains("encoder.width")); // in which none differs
    QCOMPARE(rows()->headerData(columns + 1, Qt::Horizontal).toString(), QString("learning_rate"));
    const QHeaderView *header = m_table->horizontalHeader(); // beside the scores
    QCOMPARE(header->visualIndex(columns), header->visualIndex(RunModel::columnOf("probe")) + 1);
    QCOMPARE(header->visualIndex(columns + 1), header->visualIndex(columns) + 1);
}

void TestRunsPanel::columnsAreAsTheyWereLeft()
{
    find("temperature>0");
    const int temperature = rows()->columnCount() - 1, loss = RunModel::columnOf("loss");
    QHeaderView *header = m_table->horizontalHeader();
    m_table->sortByColumn(temperature, Qt::AscendingOrder);
    header->moveSection(header->visualIndex(loss), 1);
    header->resizeSection(loss, 333);
    const QStringList order = names();
    const QByteArray kept = m_panel->arrangement();
    cleanup();
    init(); // the next start
    m_panel->arrange("damaged");
    m_panel->arrange({});
    QCOMPARE(rows()->columnCount(), temperature);
    m_panel->arrange(kept);
    header = m_table->horizontalHeader();
    QCOMPARE(rows()->headerData(temperature, Qt::Horizontal).toString(), QString("temperature"));
    QCOMPARE(header->visualIndex(loss), 1);
    m_panel->resize(800, 400);
    QCOMPARE(header->sectionSize(loss), 333);
    find("temperature>0");
    QCOMPARE(names(), order);
}

void TestRunsPanel::whatHasNoValueComesLastEitherWay()
{
    find("temperature>0 method!=none");
    find("");
    const int column = rows()->columnCount() - 1;
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        m_table->sortByColumn(column, order);
        QVERIFY(!rows()->index(0, column).data().toString().isEmpty());
        QVERIFY(rows()->index(kRuns - 1, column).data().toString().isEmpty());
    }
}

void TestRunsPanel::notesAndTagsAreWrittenIntoTheFolder()
{
    const auto write = [&](const char *key, const QString &text) { return rows()->setData(rows()->index(rowOf("run-5"), RunModel::columnOf(key)), text); };
    QVERIFY(write("note", " the good one "));
    QVERIFY(write("tag", "good, for the lecture, good"));
    QTRY_VERIFY(fs::exists(at("run-5/notes.json")) && readNotes(at("run-5")) == (RunNotes{"the good one", {"good", "for the lecture"}}));
    QCOMPARE(cell(rowOf("run-5"), "tag"), QString("good, for the lecture"));
    find("tag=good");
    QCOMPARE(names(), QStringList("run-5"));
    QVERIFY(!write("tag", QString(100, 'x')));
    QVERIFY(saysTotal("too long"));
    QVERIFY(write("note", "") && write("tag", ""));
    QTRY_VERIFY(!fs::exists(at("run-5/notes.json")));
    QVERIFY(!(rows()->flags(rows()->index(0, RunModel::columnOf("loss"))) & Qt::ItemIsEditable));
}

void TestRunsPanel::whatIsDeletedIsRestored()
{
    m_table->selectRow(rowOf("run-7"));
    press("Delete");
    QTRY_COMPARE(rows()->rowCount(), kRuns - 1);
    QVERIFY(!fs::exists(at("run-7")));
    QVERIFY(saysTotal("The run is in the trash"));
    press("Trash (1)");
    QVERIFY(saysTotal("1 run, "));
    QCOMPARE(names(), QStringList("run-7"));
    m_table->selectRow(0);
    press("Restore");
    QTRY_COMPARE(rows()->rowCount(), 0);
    QVERIFY(fs::exists(at("run-7/config.json")));
    press("Trash");
    QCOMPARE(rows()->rowCount(), kRuns);
    m_table->setFocus();
    m_table->selectRow(rowOf("run-2"));
    QTest::keyClick(m_table, Qt::Key_Delete);
    QTRY_COMPARE(rows()->rowCount(), kRuns - 1);
}

void TestRunsPanel::whatIsImportedIsSelected()
{
    for (int run = 20; run < 22; ++run)
        RunMaker().make(userRuns().data() / "theirs" / ("run-" + std::to_string(run)), run);
    QMimeData folder;
    folder.setUrls({QUrl::fromLocalFile(QString::fromStdString((userRuns().data() / "theirs").string()))});
    const auto drop = [&] {
        QDragEnterEvent enters(QPoint(5, 5), Qt::CopyAction, &folder, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_panel.get(), &enters);
        QVERIFY(enters.isAccepted());
        QDropEvent falls(QPointF(5, 5), Qt::CopyAction, &folder, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_panel.get(), &falls);
    };
    drop();
    QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), kRuns + 2, 15000);
    QTRY_VERIFY(saysTotal("2 runs more are listed"));
    QCOMPARE(m_table->selectionModel()->selectedRows().size(), 2);
    m_table->clearSelection();
    drop();
    QTRY_VERIFY(saysTotal("listed already"));
    QCOMPARE(m_table->selectionModel()->selectedRows().size(), 2);
}

/// A folder that is not there takes nothing on disk, and its run is not listed for ever.
void TestRunsPanel::whatIsGoneIsSaidAndForgotten()
{
    const fs::path elsewhere = userRuns().data() / "far" / "away", other = userRuns().data() / "far" / "off";
    for (const fs::path &run : {elsewhere, other}) {
        RunMaker().make(run, 20);
        userRuns().list(run);
    }
    QSignalSpy told(&m_workbench, &Workbench::diskUsed);
    m_panel->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), kRuns + 2, 15000);
    const auto all = [] { return qint64(bytesOfUsersRuns({}, {})); }; // as the status bar has it from the start
    QTRY_COMPARE(told.isEmpty() ? 0 : told.last()[0].toLongLong(), all());
    const qint64 before = all();
    fs::remove_all(elsewhere.parent_path());
    m_panel->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(cell(rowOf("away"), "state"), QString("folder is gone"), 15000);
    QVERIFY(all() < before);
    QTRY_COMPARE(told.last()[0].toLongLong(), all());
    QCOMPARE(cell(rowOf("away"), "size"), QLocale().formattedDataSize(0, 1));
    m_table->selectRow(rowOf("away"));
    for (const QToolButton *button : m_panel->findChildren<QToolButton *>())
        if (button->text() == "Open" || button->text() == "Compare")
            QVERIFY2(!button->isEnabled(), qPrintable(button->text()));
    press("Forget");
    QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), kRuns + 1, 15000);
    press("Forget what is gone");
    QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), kRuns, 15000);
    QVERIFY(userRuns().folders().size() == size_t(kRuns));
}

void TestRunsPanel::refusalsAreSaid()
{
    const RunLock lock(at("run-7"));
    m_table->selectRow(rowOf("run-7"));
    press("Delete");
    QTRY_VERIFY(saysTotal("is open"));
    QVERIFY(fs::exists(at("run-7/config.json")));
    QCOMPARE(rows()->rowCount(), kRuns);
}

void TestRunsPanel::runsAreOpenedAndCompared()
{
    QSignalSpy opened(&m_workbench, &Workbench::runRequested), compared(&m_workbench, &Workbench::comparisonRequested);
    m_table->selectRow(rowOf("run-3"));
    m_table->setFocus();
    QTest::keyClick(m_table, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toString(), QString::fromStdString(at("run-3").string()));
    m_table->setCurrentIndex(rows()->index(rowOf("run-3"), RunModel::columnOf("note")));
    m_table->edit(m_table->currentIndex());
    QPointer<QLineEdit> written = m_table->viewport()->findChild<QLineEdit *>();
    QVERIFY(written);
    QTest::keyClicks(written, "hello");
    QTest::keyClick(written, Qt::Key_Return); // ends the note, and opens nothing
    QTRY_COMPARE(readNotes(at("run-3")).note, std::string("hello"));
    QTRY_VERIFY(!written);
    QCOMPARE(opened.size(), 1);
    QSignalSpy forked(&m_workbench, &Workbench::forkRequested);
    m_table->selectRow(rowOf("run-3"));
    for (QAction *action : m_table->actions())
        if (action->text().startsWith("Fork"))
            action->trigger();
    QCOMPARE(forked.size(), 2);
    QCOMPARE(forked[0], (QVariantList{QString::fromStdString(at("run-3").string()), false}));
    QCOMPARE(forked[1], (QVariantList{QString::fromStdString(at("run-3").string()), true}));
    m_table->selectAll();
    press("Compare");
    QCOMPARE(compared.size(), 1);
    QCOMPARE(compared[0][0].toStringList().size(), kRuns);
    m_table->selectAll();
    for (const QToolButton *button : m_panel->findChildren<QToolButton *>())
        if (button->text() == "Open")
            QVERIFY(!button->isEnabled()); // one at a time
}

void TestRunsPanel::aNewerListLeavesTheSelection()
{
    RunModel model;
    std::vector<RunSummary> runs = sweepRuns(userRuns(), nullptr);
    model.show(runs);
    const QPersistentModelIndex kept = model.index(5, 0);
    const QString name = kept.data().toString();
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged), reset(&model, &QAbstractItemModel::modelReset);
    model.show(runs);
    QCOMPARE(changed.size(), 0);
    runs.erase(runs.begin()); // one is gone,
    runs.back().step = 12345; // one is trained further, and one is new
    RunSummary added = runs.front();
    added.path = at("another");
    runs.push_back(added);
    model.show(runs);
    QCOMPARE(model.rowCount(), kRuns);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(kept.data().toString(), name);
}

void TestRunsPanel::rowsAreDraggedAsFolders()
{
    const int row = rowOf("run-3");
    const std::unique_ptr<QMimeData> data(rows()->mimeData({rows()->index(row, 0), rows()->index(row, 1)}));
    QCOMPARE(data->urls(), QList<QUrl>{QUrl::fromLocalFile(QString::fromStdString(at("run-3").string()))});
}

void TestRunsPanel::coordinatesAreBrushed()
{
    m_panel->resize(1400, 500);
    press("Coordinates");
    auto *coordinates = m_panel->findChild<RunCoordinates *>();
    auto *canvas = coordinates->findChild<CanvasWidget *>();
    const ParallelPlot &plot = coordinates->plot();
    const auto axisNamed = [&](const QString &name) {
        for (int axis = 0; axis < plot.axes(); ++axis)
            if (plot.axis(axis).name == name)
                return axis;
        return -1;
    };
    QTRY_VERIFY(plot.lines() == kRuns && canvas->paints() > 0);
    const int knn = axisNamed("kNN"), temperature = axisNamed("temperature");
    QVERIFY(knn > temperature && temperature >= 0 && plot.axis(temperature).logarithmic && axisNamed("encoder.width") < 0);
    const auto brush = [&](int axis, double least, double most) { // as by the hand
        m_panel->grab();                                          // where it stands now
        std::pair<QPointF, QPointF> ends;
        for (int line = 0; line < kRuns; ++line)
            if (const double value = plot.axis(axis).values[size_t(line)]; value == least)
                ends.first = plot.point(axis, line);
            else if (value == most)
                ends.second = plot.point(axis, line);
        QTest::mousePress(canvas, Qt::LeftButton, {}, ends.first.toPoint() + QPoint(0, 2));
        for (const QPointF &at : {(ends.first + ends.second) / 2, ends.second - QPointF(0, 2)}) {
            QMouseEvent move(QEvent::MouseMove, at, canvas->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
            QCoreApplication::sendEvent(canvas, &move);
        }
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, ends.second.toPoint());
    };
    std::vector<double> scores;
    for (int i = 0; i < kRuns; ++i)
        scores.push_back(RunMaker::knnOf(i));
    std::ranges::sort(scores);
    brush(knn, scores[size_t(kRuns) - 3], scores.back());
    QTRY_COMPARE(m_table->selectionModel()->selectedRows().size(), 3);
    for (const QModelIndex &row : m_table->selectionModel()->selectedRows())
        QVERIFY(QLocale().toDouble(cell(row.row(), "knn").remove(" %")) > 100 * scores[size_t(kRuns) - 3] - 0.1);
    QVERIFY(m_panel->csv().startsWith("run,") && m_panel->csv().count(",1\n") == 3);
    press("Selected only");
    QTRY_COMPARE(plot.lines(), 3);
    press("Selected only");
    QTRY_COMPARE(plot.lines(), kRuns);
    QTest::keyClick(canvas, Qt::Key_Escape);
    QCOMPARE(m_table->selectionModel()->selectedRows().size(), 0);
    find("none-of-that-name");
    QCOMPARE(plot.lines(), 0);
    QVERIFY(!coordinates->grab().isNull()); // says why
}

namespace {

/// The curves of the loss, by their names in the legend.
std::map<QString, QCPGraph *> curvesIn(const Panel &metrics)
{
    std::map<QString, QCPGraph *> curves;
    const auto *plot = metrics.findChild<CurvePlot *>();
    for (int i = 0; i < plot->graphCount(); ++i)
        if (plot->graph(i)->name().contains("loss/total"))
            curves[plot->graph(i)->name()] = plot->graph(i);
    return curves;
}

/// Four runs of two temperatures and two seeds; that of seed 1 is longer, and its loss one above the other's.
std::vector<fs::path> pairsOfSeeds(const fs::path &folder)
{
    std::vector<fs::path> runs;
    for (const double temperature : {0.1, 0.2})
        for (const int seed : {1, 2}) {
            runs.push_back(folder / QString("t%1-s%2").arg(temperature).arg(seed).toStdString());
            RunMaker().make(runs.back(), 0);
            nlohmann::json config = readJson(runs.back() / "config.json");
            config["seed"] = seed;
            config["knobs"]["temperature"] = temperature;
            RunMaker::write(runs.back() / "config.json", config.dump());
            std::string rows = "step,seconds,loss/total\n";
            for (int step = 1; step <= (seed == 1 ? 6 : 4); ++step)
                rows += std::to_string(step) + ",1," + std::to_string(10 * temperature + (seed == 1 ? 1 : 0)) + "\n";
            RunMaker::write(runs.back() / "metrics.csv", rows);
        }
    return runs;
}

} // namespace

void TestRunsPanel::comparedRunsAreToldByWhatDiffers()
{
    std::unique_ptr<Panel> metrics;
    for (const PanelType &type : panelTypes())
        if (type.name == "metrics")
            metrics.reset(type.make({&m_workbench, m_run, &m_selection}));
    metrics->resize(900, 500);
    metrics->show();
    const std::vector<fs::path> runs = pairsOfSeeds(userRuns().data() / "pairs");
    auto *shows = dynamic_cast<ShowsRuns *>(metrics.get());
    shows->showRuns(runs);
    QTRY_COMPARE(curvesIn(*metrics).size(), size_t(4));
    QVERIFY(curvesIn(*metrics).contains("seed 2, temperature 0.1, loss/total"));
    std::set<QRgb> colours;
    for (const auto &[name, curve] : curvesIn(*metrics))
        colours.insert(curve->pen().color().rgb());
    QCOMPARE(colours.size(), size_t(4));
    const auto *table = metrics->findChild<DifferenceTable *>();
    QCOMPARE(table->rowCount(), 2);      // seed and temperature, and nothing else
    shows->showRuns({runs[0], runs[2]}); // in place of those before
    QTRY_COMPARE(curvesIn(*metrics).size(), size_t(2));
    QVERIFY(curvesIn(*metrics).contains("temperature 0.2, loss/total"));
    QVERIFY2(metrics->csv().startsWith("run,step,seconds,loss/total\n\"t0.1-s1\",1,"), qPrintable(metrics->csv().left(80)));
    RunMaker::write(runs[0] / "events.jsonl", "{\"step\":3,\"kind\":\"knob\",\"name\":\"temperature\",\"before\":\"0.1\",\"after\":\"0.5\"}\n");
    shows->showRuns({runs[0], runs[2]});
    QTRY_VERIFY(curvesIn(*metrics).contains("temperature 0.1 → 0.5, loss/total")); // which was changed on the way
    QVERIFY(!metrics->findChild<QCheckBox *>("means")->isVisible());               // there is no other seed
    metrics->resize(500, 200);                                                     // no room for a legend in the plot
    QTRY_VERIFY(metrics->findChild<QToolButton *>("legend")->isVisible());
    const QString picture = QString::fromStdString((userRuns().data() / "metrics.svg").string());
    savePanel(*metrics, "Metrics", picture);
    QFile svg(picture);
    QVERIFY(svg.open(QFile::ReadOnly) && svg.readAll().contains("temperature 0.2, loss/total")); // in a picture that is saved there is
}

void TestRunsPanel::anUnreadableRunLeavesTheOthersCompared()
{
    std::unique_ptr<Panel> metrics;
    for (const PanelType &type : panelTypes())
        if (type.name == "metrics")
            metrics.reset(type.make({&m_workbench, m_run, &m_selection}));
    metrics->resize(900, 500);
    metrics->show();
    const std::vector<fs::path> runs = pairsOfSeeds(userRuns().data() / "broken");
    auto *shows = dynamic_cast<ShowsRuns *>(metrics.get());
    shows->showRuns(runs);
    QTRY_COMPARE(curvesIn(*metrics).size(), size_t(4));
    const int least = metrics->minimumSizeHint().width();
    RunMaker::write(runs[1] / "config.json", "{");
    shows->showRuns(runs);
    QTRY_COMPARE(curvesIn(*metrics).size(), size_t(3));
    const auto *note = metrics->findChild<ElidedLabel *>();
    QTRY_VERIFY2(note->text().contains("config.json"), qPrintable(note->text()));
    QVERIFY(metrics->minimumSizeHint().width() <= least); // however long the sentence is: the window does not grow
}

void TestRunsPanel::aCopyIsNoOtherSeed()
{
    std::vector<std::shared_ptr<OverlaidRun>> runs;
    const std::vector<fs::path> folders = pairsOfSeeds(userRuns().data() / "copied");
    for (const size_t run : {0, 1, 1})
        runs.push_back(readRun(folders[run]));
    QCOMPARE(meansOverSeeds(runs).size(), size_t(1));
    QCOMPARE(meansOverSeeds(runs).front().runs.size(), size_t(2));
}

void TestRunsPanel::whatIsRefusedKeepsNothingElseFromTheTrash()
{
    const RunLock lock(at("run-7"));
    m_table->selectAll();
    press("Delete");
    QTRY_COMPARE_WITH_TIMEOUT(names(), QStringList("run-7"), 15000);
    QTRY_VERIFY(saysTotal(QString("%1 runs were moved, but").arg(kRuns - 1)));
    QVERIFY(saysTotal("is open"));
}

void TestRunsPanel::seedsAreDrawnAsAMeanInABand()
{
    std::unique_ptr<Panel> metrics;
    for (const PanelType &type : panelTypes())
        if (type.name == "metrics")
            metrics.reset(type.make({&m_workbench, m_run, &m_selection}));
    metrics->resize(900, 500);
    metrics->show();
    dynamic_cast<ShowsRuns *>(metrics.get())->showRuns(pairsOfSeeds(userRuns().data() / "pairs"));
    auto *means = metrics->findChild<QCheckBox *>("means");
    QTRY_VERIFY(means->isVisible());
    means->setChecked(true);
    const auto curves = curvesIn(*metrics);
    QCOMPARE(curves.size(), size_t(2));
    const auto mean = curves.find("temperature 0.2 (2 seeds), loss/total");
    QVERIFY(mean != curves.end());
    QCOMPARE(mean->second->data()->size(), 4); // as far as both go
    QCOMPARE(mean->second->data()->at(3)->value, 2.5);
    int bands = 0;
    const auto *plot = metrics->findChild<CurvePlot *>();
    for (int i = 0; i < plot->graphCount(); ++i)
        if (const QCPGraph *low = plot->graph(i)->channelFillGraph()) {
            ++bands;
            QCOMPARE(plot->graph(i)->data()->at(0)->value - low->data()->at(0)->value, 1.0);
        }
    QCOMPARE(bands, 2);
    means->setChecked(false);
    QCOMPARE(curvesIn(*metrics).size(), size_t(4));
}

void TestRunsPanel::theOpenRunStandsOut()
{
    const auto told = [this](const QString &name, int role) { return rows()->index(rowOf(name), RunModel::columnOf("name")).data(role); };
    QVERIFY(!told("run-1", Qt::FontRole).isValid());
    TrainerOptions options = test::shapesJob();
    options.out = at("run-1");
    m_run->start(options);
    QTRY_VERIFY_WITH_TIMEOUT(told("run-1", Qt::FontRole).value<QFont>().bold(), 30000);
    QVERIFY(!told("run-0", Qt::FontRole).isValid());
    QVERIFY(told("run-1", Qt::ToolTipRole).toString().contains("open in this window"));
    QVERIFY(!told("run-0", Qt::ToolTipRole).toString().contains("open in this window"));
    QImage picture(20, 20, QImage::Format_RGB32);
    picture.fill(Qt::red);
    QVERIFY(!told("run-0", Qt::ToolTipRole).toString().contains("<img"));
    QVERIFY(picture.save(QString::fromStdString((at("run-0") / "map.png").string())));
    QVERIFY(told("run-0", Qt::ToolTipRole).toString().contains("<img src='" + QString::fromStdString((at("run-0") / "map.png").string())));
}

QTEST_MAIN(TestRunsPanel)
#include "tst_runspanel.moc"
