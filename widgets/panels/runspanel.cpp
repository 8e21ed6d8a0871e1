#include "widgets/panels/runspanel.h"

#include "widgets/help/glossary.h"
#include "widgets/run.h"
#include "widgets/runs/runcoordinates.h"
#include "widgets/runs/runlist.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runorder.h"
#include "widgets/runs/runsearch.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/runview.h"
#include "widgets/workbench.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QToolButton>
#include <QUrl>

#include <algorithm>

namespace pretext {

RunsPanel::RunsPanel(const PanelContext &context)
    : Panel(context)
    , m_list(new RunList([this] { return isShowing(); }, this))
    , m_order(new RunOrder(m_list->model(), this))
    , m_search(new RunSearch(this))
    , m_table(new RunView(m_list->model(), m_order, this))
    , m_views(new QSplitter(this))
    , m_showsCoordinates(new QToolButton(this))
    , m_onlySelected(new QToolButton(this))
    , m_axes(new QToolButton(this))
    , m_total(new QLabel(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    column->addWidget(m_search);
    m_views->addWidget(m_table);
    column->addWidget(m_views, 1);
    column->addLayout(makeActions());
    setAcceptDrops(true);
    connect(m_search, &RunSearch::changed, this, &RunsPanel::applyFilter);
    connect(m_search->knobs(), &QMenu::aboutToShow, m_table, [this] { m_table->offerKnobs(m_search->knobs()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateTools();
        markSelected();
    });
    connect(m_table, &RunView::opened, this, &RunsPanel::open);
    connect(m_table, &RunView::deleted, this, &RunsPanel::removeOrRestore);
    connect(m_list, &RunList::said, m_total, &QLabel::setText);
    connect(m_list, &RunList::changed, this, [this] {
        updateTools();
        sayMisunderstood();
        showRuns();
    });
    showCoordinates(false);
    connectRun();
    updateTools();
    tellTotal();
}

/// In the menu of the rows.
QAction *RunsPanel::addAct(const QString &text, const QString &tip, void (RunsPanel::*act)())
{
    auto *action = new QAction(text, this);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, act);
    m_table->addAction(action);
    return action;
}

/// In the menu of the rows and as a button.
QAction *RunsPanel::addTool(QLayout *row, const QString &text, const QString &tip, void (RunsPanel::*act)())
{
    QAction *action = addAct(text, tip, act);
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    connect(action, &QAction::changed, button, [action, button] { button->setVisible(action->isVisible()); });
    row->addWidget(button);
    return action;
}

QLayout *RunsPanel::makeActions()
{
    auto *row = new QHBoxLayout;
    m_open = addTool(row, tr("Open"), tr("Goes on with the selected run in this window, from its newest checkpoint. Key: Return."), &RunsPanel::open);
    m_fork = addAct(tr("Fork at its newest step"), tr("Begins another run with all that this one had at its newest checkpoint."), &RunsPanel::fork);
    m_forkAt = addAct(tr("Fork at step …"), tr("Begins another run with all that this one had at a step, any of them."), &RunsPanel::forkAt);
    m_beside = addAct(tr("Open beside"), tr("Puts the selected run beside the one that is open, side by side in every panel and in lock-step with it."),
                      &RunsPanel::openBeside);
    m_compare = addTool(row, tr("Compare"), tr("Draws the curves of the selected runs in Metrics, with a table of the knobs in which they differ."),
                        &RunsPanel::compare);
    m_remove = addTool(row, tr("Delete"), tr("Moves the selected runs to the trash. Key: Delete."), &RunsPanel::removeOrRestore);
    m_empty = addTool(row, tr("Empty the trash …"), tr("Deletes for good what is in the trash."), &RunsPanel::emptyTrash);
    m_forget = addTool(row, tr("Forget what is gone"), tr("Takes the runs whose folder is not there any more off the list."), &RunsPanel::forgetGone);
    m_import = addTool(row, tr("Import …"), tr("Lists the runs that a folder holds; they stay where they are. Folders can be dropped here, too."),
                       &RunsPanel::chooseFolder);
    makeCoordinates(row);
    m_total->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_total->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_total->setForegroundRole(QPalette::PlaceholderText);
    m_total->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_total, 1);
    return row;
}

void RunsPanel::makeCoordinates(QLayout *row)
{
    m_showsCoordinates->setText(tr("Coordinates"));
    m_showsCoordinates->setCheckable(true);
    m_showsCoordinates->setToolTip(
        tr("Parallel coordinates of the runs in the list: an axis for each knob in which they differ and for what they reached, a line for "
           "each run, coloured by kNN. Ranges that are dragged on axes select the runs that pass."));
    setTerm(m_showsCoordinates, "part/parallel coordinates");
    m_onlySelected->setText(tr("Selected only"));
    m_onlySelected->setCheckable(true);
    m_onlySelected->setToolTip(tr("Draws the runs that are selected now, and no others."));
    m_axes->setText(tr("Axes"));
    m_axes->setPopupMode(QToolButton::InstantPopup);
    m_axes->setMenu(new QMenu(m_axes));
    m_axes->setToolTip(tr("Which axes are drawn."));
    for (QToolButton *button : {m_showsCoordinates, m_onlySelected, m_axes})
        row->addWidget(button);
    connect(m_showsCoordinates, &QToolButton::toggled, this, &RunsPanel::showCoordinates);
    connect(m_onlySelected, &QToolButton::toggled, this, [this](bool only) {
        m_only.clear();
        for (const RunSummary &run : only ? m_table->selected() : std::vector<RunSummary>())
            m_only.insert(run.path);
        showRuns();
    });
    connect(m_axes->menu(), &QMenu::aboutToShow, this, [this] { m_coordinates->offerAxes(m_axes->menu()); });
}

void RunsPanel::showCoordinates(bool shown)
{
    if (shown && !m_coordinates) {
        m_coordinates = new RunCoordinates(this);
        m_views->addWidget(m_coordinates);
        connect(m_coordinates, &RunCoordinates::brushChanged, this, &RunsPanel::selectBrushed);
        connect(m_coordinates, &RunCoordinates::runClicked, this, [this](const QString &run) { m_table->select({run.toStdString()}); });
        shareRoom();
    }
    if (m_coordinates)
        m_coordinates->setVisible(shown);
    m_onlySelected->setVisible(shown);
    m_axes->setVisible(shown);
    showRuns();
}

bool RunsPanel::hasCoordinates() const
{
    return m_coordinates && !m_coordinates->isHidden();
}

/// Beside each other where the panel is wide, else one above the other.
void RunsPanel::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    if ((width() > 2 * height() ? Qt::Horizontal : Qt::Vertical) != m_views->orientation())
        shareRoom();
}

void RunsPanel::shareRoom()
{
    const Qt::Orientation along = width() > 2 * height() ? Qt::Horizontal : Qt::Vertical;
    m_views->setOrientation(along);
    const int room = along == Qt::Horizontal ? m_views->width() : m_views->height();
    m_views->setSizes({room * 2 / 5, room * 3 / 5});
}

/// In the coordinates, as the list has them.
void RunsPanel::showRuns()
{
    if (!hasCoordinates())
        return;
    std::vector<RunSummary> runs = m_table->shown();
    if (!m_only.empty())
        std::erase_if(runs, [this](const RunSummary &run) { return !m_only.contains(run.path); });
    m_coordinates->setEmptyText(m_list->model()->runs().empty() ? m_total->text() : tr("The list shows no run that could be drawn."));
    m_coordinates->setRuns(std::move(runs));
    if (m_coordinates->plot().isBrushed() && m_coordinates->brushed() != m_brushed)
        selectBrushed(); // a run has come to pass, or passes no longer
    else
        markSelected();
}

void RunsPanel::selectBrushed()
{
    m_brushed = m_coordinates->brushed();
    m_table->select(m_brushed);
    markSelected();
}

void RunsPanel::markSelected()
{
    if (!hasCoordinates())
        return;
    std::set<std::filesystem::path> runs;
    for (const RunSummary &run : m_table->selected())
        runs.insert(run.path);
    m_coordinates->mark(runs);
    m_onlySelected->setEnabled(m_onlySelected->isChecked() || runs.size() > 1);
}

void RunsPanel::connectRun()
{
    connect(&run(), &Run::jobStarted, m_list, &RunList::sweepSoon);
    connect(&run(), &Run::jobStopped, m_list, &RunList::sweepSoon);
    connect(&run(), &Run::eventHappened, m_list, [this](const Event &event) {
        if (event.kind == "checkpoint" || event.kind == "end" || event.kind == "fault")
            m_list->sweepSoon();
    });
}

void RunsPanel::refresh()
{
    m_list->refresh();
}

/// A knob that is asked for gets a column.
void RunsPanel::applyFilter()
{
    const RunModel &runs = *m_list->model();
    const RunFilter filter = m_search->filter();
    QStringList knobs = runs.knobs();
    const QStringList differing = filter.conditions.empty() ? QStringList() : runs.differingKnobs();
    for (const RunCondition &condition : filter.conditions)
        if (const QString name = QString::fromStdString(condition.name); differing.contains(name) && !knobs.contains(name))
            knobs << name;
    m_order->setFilter(filter, m_search->showsTrash());
    m_table->showKnobs(knobs);
    sayMisunderstood();
    updateTools();
    showRuns();
}

void RunsPanel::sayMisunderstood()
{
    m_misunderstood = QString::fromStdString(misunderstoodIn(m_search->filter(), m_list->model()->runs()));
    m_total->setForegroundRole(m_misunderstood.isEmpty() ? QPalette::PlaceholderText : QPalette::Text);
    tellTotal();
}

void RunsPanel::updateTools()
{
    const std::vector<RunSummary> runs = m_table->selected();
    const auto count = runs.size();
    const auto isGone = [](const RunSummary &run) { return run.state == RunState::gone; };
    const auto gone = size_t(std::ranges::count_if(runs, isGone));
    const bool trash = m_search->showsTrash(), forgets = count > 0 && gone == count;
    m_open->setEnabled(count == 1 && gone == 0 && !trash);
    for (QAction *action : {m_fork, m_forkAt, m_beside}) {
        action->setEnabled(count == 1 && gone == 0);
        action->setVisible(!trash);
    }
    m_compare->setEnabled(count > gone && !trash);
    m_remove->setText(trash ? tr("Restore") : forgets ? tr("Forget") : tr("Delete"));
    m_remove->setToolTip(trash     ? tr("Moves the selected runs back to where they were.")
                         : forgets ? tr("Takes the selected runs, whose folders are gone, off the list. Key: Delete.")
                                   : tr("Moves the selected runs to the trash. Key: Delete."));
    m_remove->setEnabled(count > 0);
    m_empty->setVisible(trash);
    m_empty->setEnabled(std::ranges::any_of(m_list->model()->runs(), [](const RunSummary &run) { return !run.from.empty(); }));
    m_forget->setVisible(!trash && std::ranges::any_of(m_list->model()->runs(), isGone));
    m_import->setVisible(!trash);
    m_import->setEnabled(m_list->isListed());
}

void RunsPanel::tellTotal()
{
    const bool trash = m_search->showsTrash();
    const std::vector<RunSummary> &runs = m_list->model()->runs();
    const auto all = int(std::ranges::count_if(runs, [trash](const RunSummary &run) { return run.from.empty() != trash; }));
    const QString size = QLocale().formattedDataSize(qint64(bytesOf(runs, trash)), 1);
    if (m_list->isRead())
        workbench().tellDiskUsed(qint64(bytesOf(runs))); // the same number as in the status bar
    const int shown = m_order->rowCount();
    if (!m_list->isListed())
        m_total->setText(tr("Runs are not listed here: PRETEXT_UNLISTED is set, or there is no home folder."));
    else if (!m_list->problem().isEmpty())
        m_total->setText(m_list->problem());
    else if (!m_misunderstood.isEmpty())
        m_total->setText(m_misunderstood);
    else if (!m_list->isRead() && all == 0)
        m_total->setText(tr("Reading the runs …"));
    else if (all == 0)
        m_total->setText(trash ? tr("The trash is empty.") : tr("There are no runs yet; each that is trained appears here."));
    else if (shown == all)
        m_total->setText(all == 1 ? tr("1 run, %1").arg(size) : tr("%1 runs, %2").arg(QLocale().toString(all), size));
    else
        m_total->setText(tr("%1 of %2 runs; all take %3").arg(QLocale().toString(shown), QLocale().toString(all), size));
    m_total->setToolTip(m_total->text());
}

/// The folder of the run that alone is selected; else empty.
QString RunsPanel::only() const
{
    const std::vector<RunSummary> runs = m_table->selected();
    return runs.size() == 1 && !m_search->showsTrash() ? QString::fromStdString(runs.front().path.string()) : QString();
}

void RunsPanel::open()
{
    if (const QString run = only(); !run.isEmpty())
        workbench().requestRun(run);
}

void RunsPanel::fork()
{
    if (const QString run = only(); !run.isEmpty())
        workbench().requestFork(run, false);
}

void RunsPanel::forkAt()
{
    if (const QString run = only(); !run.isEmpty())
        workbench().requestFork(run, true);
}

void RunsPanel::openBeside()
{
    if (const QString run = only(); !run.isEmpty())
        workbench().requestBeside(run);
}

void RunsPanel::compare()
{
    QStringList folders;
    for (const RunSummary &run : m_table->selected())
        folders << QString::fromStdString(run.path.string());
    if (!folders.isEmpty() && !m_search->showsTrash())
        workbench().requestComparison(folders);
}

void RunsPanel::removeOrRestore()
{
    const std::vector<RunSummary> runs = m_table->selected();
    if (runs.empty())
        return;
    const bool restores = m_search->showsTrash();
    m_list->change(restores ? tr("Restoring …") : tr("Deleting …"), [runs, restores](const RunStore &store) {
        for (const RunSummary &run : runs) {
            if (restores)
                store.restore(run.path);
            else if (run.state == RunState::gone)
                store.unlist(run.path); // there is nothing else left to delete
            else
                store.remove(run.path);
        }
    });
}

void RunsPanel::forgetGone()
{
    std::vector<std::filesystem::path> gone;
    for (const RunSummary &run : m_list->model()->runs())
        if (run.state == RunState::gone && run.from.empty())
            gone.push_back(run.path);
    m_list->change(tr("Taking runs off the list …"), [gone](const RunStore &store) {
        for (const std::filesystem::path &run : gone)
            if (std::error_code error; !std::filesystem::exists(run, error)) // it may have come back
                store.unlist(run);
    });
}

void RunsPanel::emptyTrash()
{
    auto *question = new QMessageBox(QMessageBox::Question, tr("Empty the trash"),
                                     tr("Delete what is in the trash, with all checkpoints? This cannot be undone."), QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    const QAbstractButton *yes = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    connect(question, &QMessageBox::buttonClicked, this, [this, yes](QAbstractButton *button) {
        if (button == yes)
            m_list->change(tr("Emptying the trash …"), [](const RunStore &store) { store.emptyTrash(); });
    });
    question->open();
}

void RunsPanel::chooseFolder()
{
    auto *dialog = new QFileDialog(this, tr("A folder of runs to list"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { m_list->import({folder}); });
    dialog->open();
}

void RunsPanel::dragEnterEvent(QDragEnterEvent *event)
{
    const auto isFolder = [](const QUrl &url) { return QFileInfo(url.toLocalFile()).isDir(); };
    if (event->source() != m_table && std::ranges::any_of(event->mimeData()->urls(), isFolder))
        event->acceptProposedAction();
}

void RunsPanel::dropEvent(QDropEvent *event)
{
    QStringList folders;
    for (const QUrl &url : event->mimeData()->urls())
        folders << url.toLocalFile();
    m_list->import(folders);
    event->acceptProposedAction();
}

QString RunsPanel::csv() const
{
    return hasCoordinates() ? m_coordinates->csv() : m_table->csv();
}

/// Of list and coordinates these are what is kept as a picture.
void RunsPanel::paintTo(QPainter &painter, const QSize &size)
{
    if (hasCoordinates())
        m_coordinates->paintTo(painter, size);
    else
        Panel::paintTo(painter, size);
}

Panel *makeRunsPanel(const PanelContext &context)
{
    return new RunsPanel(context);
}

} // namespace pretext
