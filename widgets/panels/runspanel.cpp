#include "widgets/panels/runspanel.h"

#include "widgets/elidedlabel.h"
#include "widgets/help/glossary.h"
#include "widgets/run.h"
#include "widgets/runs/runcoordinates.h"
#include "widgets/runs/runfolders.h"
#include "widgets/runs/runlist.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runorder.h"
#include "widgets/runs/runsearch.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/runview.h"
#include "widgets/runs/runviews.h"
#include "widgets/workbench.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMimeData>
#include <QTimer>
#include <QToolButton>
#include <QUrl>

#include <algorithm>

namespace pretext {

namespace {
constexpr int kNewsMs = 8000;
}

RunsPanel::RunsPanel(const PanelContext &context)
    : Panel(context)
    , m_list(new RunList([this] { return isShowing(); }, this))
    , m_order(new RunOrder(m_list->model(), this))
    , m_search(new RunSearch(this))
    , m_views(new RunViews(m_list, m_order, this))
    , m_table(m_views->table())
    , m_folders(new RunFolders(m_list, m_table, this))
    , m_total(new ElidedLabel(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    column->addWidget(m_search);
    column->addWidget(m_views, 1);
    column->addLayout(makeActions());
    setAcceptDrops(true);
    connect(m_search, &RunSearch::changed, this, &RunsPanel::applyFilter);
    connect(m_search->knobs(), &QMenu::aboutToShow, m_table, [this] { m_table->offerKnobs(m_search->knobs()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPanel::updateTools);
    connect(m_table, &RunView::opened, this, &RunsPanel::open);
    connect(m_table, &RunView::deleted, m_folders, &RunFolders::removeOrRestore);
    connect(m_list, &RunList::said, m_total, &ElidedLabel::setText);
    connect(m_folders, &RunFolders::done, this, &RunsPanel::tellNews);
    connect(m_list, &RunList::changed, this, [this] {
        updateTools();
        sayMisunderstood();
        m_views->showRuns();
    });
    connectRun();
    updateTools();
    tellTotal();
}

/// In the menu of the rows.
QAction *RunsPanel::addAct(const QString &text, const QString &tip, const std::function<void()> &act)
{
    auto *action = new QAction(text, this);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, act);
    m_table->addAction(action);
    return action;
}

/// In the menu of the rows and as a button.
QAction *RunsPanel::addTool(QLayout *row, const QString &text, const QString &tip, const std::function<void()> &act)
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
    m_open = addTool(row, tr("Open"), tr("Goes on with the selected run in this window, from its newest checkpoint. Key: Return."), [this] { open(); });
    m_fork = addAct(tr("Fork at its newest step"), tr("Begins another run with all that this one had at its newest checkpoint."), [this] { fork(); });
    m_forkAt = addAct(tr("Fork at step …"), tr("Begins another run with all that this one had at a step, any of them."), [this] { forkAt(); });
    m_beside = addAct(tr("Open beside"), tr("Puts the selected run beside the one that is open, side by side in every panel and in lock-step with it."),
                      [this] { openBeside(); });
    m_compare = addTool(row, tr("Compare"), tr("Draws the curves of the selected runs in Metrics, with a table of the knobs in which they differ."),
                        [this] { compare(); });
    m_remove = addTool(row, tr("Delete"), tr("Moves the selected runs to the trash. Key: Delete."), [this] { m_folders->removeOrRestore(); });
    m_empty = addTool(row, tr("Empty the trash …"), tr("Deletes for good what is in the trash."), [this] { m_folders->emptyTrash(); });
    m_forget =
        addTool(row, tr("Forget what is gone"), tr("Takes the runs whose folder is not there any more off the list."), [this] { m_folders->forgetGone(); });
    m_import = addTool(row, tr("Import …"), tr("Lists the runs that a folder holds; they stay where they are. Folders can be dropped here, too."),
                       [this] { chooseFolder(); });
    for (QToolButton *tool : m_views->tools())
        row->addWidget(tool);
    m_total->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_total->setForegroundRole(QPalette::PlaceholderText);
    m_total->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_total, 1);
    return row;
}

void RunsPanel::connectRun()
{
    for (auto signal : {&Run::jobStarted, &Run::jobStopped})
        connect(&run(), signal, this, &RunsPanel::tellOpen);
    connect(&workbench(), &Workbench::sideBySideChanged, this, &RunsPanel::tellOpen);
    tellOpen();
    connect(&run(), &Run::jobStarted, m_list, &RunList::sweepSoon);
    connect(&run(), &Run::jobStopped, m_list, &RunList::sweepSoon);
    connect(&run(), &Run::eventHappened, m_list, [this](const Event &event) {
        if (event.kind == "checkpoint" || event.kind == "end" || event.kind == "fault")
            m_list->sweepSoon();
    });
}

void RunsPanel::tellOpen()
{
    std::set<std::filesystem::path> open;
    const auto add = [&open](const Run &run) {
        if (!run.path().empty())
            open.insert(std::filesystem::absolute(run.path()).lexically_normal());
    };
    add(run());
    if (const SideBySide *together = workbench().sideBySide())
        add(*together->right());
    m_list->model()->setOpen(std::move(open));
}

void RunsPanel::refresh()
{
    m_list->refresh();
}

/// A knob that is asked for gets a column.
void RunsPanel::applyFilter()
{
    m_news.clear();
    m_list->forgetProblem(); // it was of what was done before
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
    m_views->showRuns();
}

/// Room for both views changes with the panel's.
void RunsPanel::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    m_views->fit(size());
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
    m_search->setDeleted(int(std::ranges::count_if(m_list->model()->runs(), [](const RunSummary &run) { return !run.from.empty(); })));
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
    else if (!m_news.isEmpty())
        m_total->setText(m_news);
    else if (!m_list->isRead() && all == 0)
        m_total->setText(tr("Reading the runs …"));
    else if (all == 0)
        m_total->setText(trash ? tr("The trash is empty.") : tr("There are no runs yet; each that is trained appears here."));
    else if (shown == all)
        m_total->setText(all == 1 ? tr("1 run, %1").arg(size) : tr("%1 runs, %2").arg(QLocale().toString(all), size));
    else
        m_total->setText(tr("%1 of %2 runs; all take %3").arg(QLocale().toString(shown), QLocale().toString(all), size));
    m_total->setToolTip(m_total->text());
    m_views->setEmptyText(all > 0 && m_misunderstood.isEmpty() ? tr("None of the %1 runs is what is asked for above.").arg(QLocale().toString(all))
                                                               : m_total->text());
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

/// Of what was done, for some seconds in place of the total.
void RunsPanel::tellNews(const QString &news)
{
    m_news = news;
    QTimer::singleShot(kNewsMs, this, [this, news] {
        if (m_news == news)
            tellNews({});
    });
    tellTotal();
}

void RunsPanel::chooseFolder()
{
    auto *dialog = new QFileDialog(this, tr("A folder of runs to list"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { m_folders->import({folder}); });
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
    m_folders->import(folders);
    event->acceptProposedAction();
}

QString RunsPanel::csv() const
{
    return m_views->hasCoordinates() ? m_views->coordinates()->csv() : m_table->csv();
}

/// Of list and coordinates these are what is kept as a picture.
void RunsPanel::paintTo(QPainter &painter, const QSize &size)
{
    if (m_views->hasCoordinates())
        m_views->coordinates()->paintTo(painter, size);
    else
        Panel::paintTo(painter, size);
}

QByteArray RunsPanel::arrangement() const
{
    return m_table->arrangement();
}

void RunsPanel::arrange(const QByteArray &kept)
{
    m_table->arrange(kept);
}

Panel *makeRunsPanel(const PanelContext &context)
{
    return new RunsPanel(context);
}

} // namespace pretext
