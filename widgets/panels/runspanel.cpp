#include "widgets/panels/runspanel.h"

#include "widgets/background.h"
#include "widgets/help/glossary.h"
#include "widgets/run.h"
#include "widgets/runs/rundatabase.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runorder.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"
#include "widgets/workbench.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QRegularExpression>
#include <QTableView>
#include <QToolButton>
#include <QUrl>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kLookMs = 10'000; // at the folders, while the panel is seen
constexpr int kSoonMs = 500;    // after something has happened to a run
constexpr int kTypedMs = 120;

/// Of a list in the database without a look at a folder; empty where there is no database yet.
std::vector<RunSummary> knownRuns(const RunStore &store)
{
    return RunDatabase(store.database()).all();
}

std::vector<RunSummary> runsNow(const RunStore &store, const std::atomic<bool> &given)
{
    RunDatabase database(store.database());
    return sweepRuns(store, &database, [&](size_t, size_t) { return !given; });
}

} // namespace

RunsPanel::RunsPanel(const PanelContext &context)
    : Panel(context)
    , m_store(userRunsIfAny())
    , m_runs(new RunModel(this))
    , m_order(new RunOrder(m_runs, this))
    , m_table(new QTableView(this))
    , m_find(new QLineEdit(this))
    , m_columns(new QToolButton(this))
    , m_trash(new QToolButton(this))
    , m_knobs(new QMenu(m_columns))
    , m_total(new QLabel(this))
{
    m_files.setMaxThreadCount(1);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    column->addLayout(makeSearch());
    makeTable();
    column->addWidget(m_table, 1);
    column->addLayout(makeActions());
    setAcceptDrops(true);
    connect(m_runs, &RunModel::refused, m_total, &QLabel::setText);
    connect(m_runs, &RunModel::notesEdited, this, [this](const QString &run, const RunNotes &notes) { writeNotesOf(run.toStdString(), notes); });
    connectRun();
    updateTools();
    tellTotal();
}

RunsPanel::~RunsPanel()
{
    *m_given = true;
    m_files.waitForDone();
}

QLayout *RunsPanel::makeSearch()
{
    auto *row = new QHBoxLayout;
    m_find->setPlaceholderText(tr("Find: words, temperature<0.2, method=byol, tag=good"));
    m_find->setClearButtonEnabled(true);
    m_find->setAccessibleName(tr("Find runs"));
    m_find->setToolTip(
        tr("Words that stand in a run's name, folder, method, data, encoder, tags or note, and conditions on what it is or found: NAME=VALUE, or with "
           "!= < <= > >=. NAME is a knob, or method, data, encoder, batch, seed, state, step, loss, knn, probe, tag, parent. All have to hold; a knob "
           "that is named gets a column."));
    setTerm(m_find, "part/find runs");
    m_columns->setText(tr("Knobs"));
    m_columns->setPopupMode(QToolButton::InstantPopup);
    m_columns->setMenu(m_knobs);
    m_columns->setToolTip(tr("Which of the knobs that differ between the runs have a column."));
    connect(m_knobs, &QMenu::aboutToShow, this, &RunsPanel::offerKnobs);
    m_trash->setText(tr("Trash"));
    m_trash->setCheckable(true);
    m_trash->setToolTip(tr("Shows the runs that were deleted, which can be restored."));
    setTerm(m_trash, "part/trash of runs");
    row->addWidget(m_find, 1);
    row->addWidget(m_columns);
    row->addWidget(m_trash);
    m_typed.setSingleShot(true);
    m_typed.setInterval(kTypedMs);
    connect(m_find, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(&m_typed, &QTimer::timeout, this, &RunsPanel::applyFilter);
    connect(m_trash, &QToolButton::toggled, this, &RunsPanel::applyFilter);
    return row;
}

void RunsPanel::makeTable()
{
    m_table->setModel(m_order);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setDragEnabled(true);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setAccessibleName(tr("Runs"));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setSectionsMovable(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RunModel::columnOf("begun"), Qt::DescendingOrder);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->setMinimumSize(120, 60);
    m_table->installEventFilter(this);
    fitColumns();
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPanel::updateTools);
}

/// By what they usually hold: to measure thousands of rows would take longer than to show them.
void RunsPanel::fitColumns()
{
    constexpr int kMargin = 14, kArrow = 10;
    for (int column = 0; column < m_runs->columnCount(); ++column) {
        const QString title = m_runs->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        const int width = std::max(fontMetrics().horizontalAdvance(m_runs->sampleOf(column)), fontMetrics().horizontalAdvance(title) + kArrow);
        m_table->setColumnWidth(column, width + kMargin);
    }
}

QAction *RunsPanel::addTool(QLayout *row, const QString &text, const QString &tip, void (RunsPanel::*act)())
{
    auto *action = new QAction(text, this);
    action->setToolTip(tip);
    connect(action, &QAction::triggered, this, act);
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    connect(action, &QAction::changed, button, [action, button] { button->setVisible(action->isVisible()); });
    row->addWidget(button);
    m_table->addAction(action);
    return action;
}

QLayout *RunsPanel::makeActions()
{
    auto *row = new QHBoxLayout;
    m_open = addTool(row, tr("Open"), tr("Goes on with the selected run in this window, from its newest checkpoint. Key: Return."), &RunsPanel::open);
    m_compare = addTool(row, tr("Compare"), tr("Draws the curves of the selected runs in Metrics, with a table of the knobs in which they differ."),
                        &RunsPanel::compare);
    m_remove = addTool(row, tr("Delete"), tr("Moves the selected runs to the trash. Key: Delete."), &RunsPanel::removeOrRestore);
    m_empty = addTool(row, tr("Empty the trash …"), tr("Deletes for good what is in the trash."), &RunsPanel::emptyTrash);
    m_import = addTool(row, tr("Import …"), tr("Lists the runs that a folder holds; they stay where they are. Folders can be dropped here, too."),
                       &RunsPanel::chooseFolder);
    m_total->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_total->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_total->setForegroundRole(QPalette::PlaceholderText);
    m_total->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_total, 1);
    return row;
}

void RunsPanel::connectRun()
{
    m_look.setSingleShot(true);
    connect(&m_look, &QTimer::timeout, this, [this] {
        if (isShowing())
            sweep();
    });
    const auto soon = [this] {
        if (isShowing())
            m_look.start(kSoonMs);
    };
    connect(&run(), &Run::jobStarted, this, soon);
    connect(&run(), &Run::jobStopped, this, soon);
    connect(&run(), &Run::eventHappened, this, [soon](const Event &event) {
        if (event.kind == "checkpoint" || event.kind == "end" || event.kind == "fault")
            soon();
    });
}

void RunsPanel::refresh()
{
    if (!m_store || m_sweeping || m_look.isActive())
        return;
    if (m_read)
        return sweep();
    m_sweeping = true; // first what is known at once
    inBackground(
        this, [store = *m_store] { return knownRuns(store); },
        [this](std::vector<RunSummary> runs) {
            m_sweeping = false;
            take(std::move(runs));
            sweep();
        },
        [this](const QString &line) {
            m_sweeping = false;
            m_problem = line;
            tellTotal();
            m_look.start(kLookMs);
        },
        &m_files);
}

/// Looks at the folders.
void RunsPanel::sweep()
{
    if (!m_store)
        return;
    if (m_sweeping) {
        m_again = true;
        return;
    }
    m_sweeping = true;
    const auto done = [this] {
        m_sweeping = false;
        m_look.start(std::exchange(m_again, false) ? 0 : kLookMs);
    };
    inBackground(
        this, [store = *m_store, given = m_given] { return runsNow(store, *given); },
        [this, done](std::vector<RunSummary> runs) {
            m_read = true;
            m_problem.clear();
            take(std::move(runs));
            done();
        },
        [this, done](const QString &line) {
            m_problem = line;
            tellTotal();
            done();
        },
        &m_files);
}

void RunsPanel::take(std::vector<RunSummary> runs)
{
    for (RunSummary &run : runs)
        if (const auto written = m_written.find(run.path); written != m_written.end())
            run.notes = written->second; // what was read may be older
    m_runs->show(std::move(runs));
    updateTools();
    tellTotal();
}

/// A knob that is asked for gets a column.
void RunsPanel::applyFilter()
{
    const RunFilter filter = runFilterOf(m_find->text().toStdString());
    QStringList knobs = m_runs->knobs();
    const QStringList differing = filter.conditions.empty() ? QStringList() : m_runs->differingKnobs();
    for (const RunCondition &condition : filter.conditions)
        if (const QString name = QString::fromStdString(condition.name); differing.contains(name) && !knobs.contains(name))
            knobs << name;
    m_order->setFilter(filter, showsTrash());
    showKnobs(knobs);
    m_problem = QString::fromStdString(unknownIn(filter, m_runs->runs()));
    updateTools();
    tellTotal();
}

/// Beside what the runs reached, where they are seen without scrolling.
void RunsPanel::showKnobs(const QStringList &knobs)
{
    if (knobs == m_runs->knobs())
        return;
    m_runs->setKnobs(knobs);
    fitColumns();
    QHeaderView *header = m_table->horizontalHeader();
    const int first = m_runs->columnCount() - int(knobs.size());
    for (int knob = 0; knob < int(knobs.size()); ++knob)
        header->moveSection(header->visualIndex(first + knob), header->visualIndex(RunModel::columnOf("probe")) + 1 + knob);
}

bool RunsPanel::showsTrash() const
{
    return m_trash->isChecked();
}

void RunsPanel::offerKnobs()
{
    m_knobs->clear();
    for (const QString &knob : m_runs->differingKnobs()) {
        QAction *action = m_knobs->addAction(knob);
        action->setCheckable(true);
        action->setChecked(m_runs->knobs().contains(knob));
        connect(action, &QAction::toggled, this, [this, knob](bool shown) {
            QStringList knobs = m_runs->knobs();
            shown ? knobs.append(knob) : void(knobs.removeAll(knob));
            showKnobs(knobs);
        });
    }
    if (m_knobs->isEmpty())
        m_knobs->addAction(tr("The runs differ in no knob"))->setEnabled(false);
}

std::vector<RunSummary> RunsPanel::selected() const
{
    std::vector<RunSummary> runs;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        runs.push_back(m_order->run(index.row()));
    return runs;
}

void RunsPanel::updateTools()
{
    const auto count = m_table->selectionModel()->selectedRows().size();
    const bool trash = showsTrash();
    m_open->setEnabled(count == 1 && !trash);
    m_compare->setEnabled(count > 0 && !trash);
    m_remove->setText(trash ? tr("Restore") : tr("Delete"));
    m_remove->setToolTip(trash ? tr("Moves the selected runs back to where they were.") : tr("Moves the selected runs to the trash. Key: Delete."));
    m_remove->setEnabled(count > 0);
    m_empty->setVisible(trash);
    m_empty->setEnabled(std::ranges::any_of(m_runs->runs(), [](const RunSummary &run) { return !run.from.empty(); }));
    m_import->setVisible(!trash);
    m_import->setEnabled(m_store.has_value());
}

void RunsPanel::tellTotal()
{
    uint64_t bytes = 0;
    int all = 0;
    for (const RunSummary &run : m_runs->runs()) {
        all += run.from.empty() != showsTrash();
        bytes += run.from.empty() != showsTrash() ? run.bytes : 0;
    }
    const QString size = QLocale().formattedDataSize(qint64(bytes), 1);
    const int shown = m_order->rowCount();
    if (!m_store)
        m_total->setText(tr("Runs are not listed here: PRETEXT_UNLISTED is set, or there is no home folder."));
    else if (!m_problem.isEmpty())
        m_total->setText(m_problem);
    else if (!m_read && all == 0)
        m_total->setText(tr("Reading the runs …"));
    else if (all == 0)
        m_total->setText(showsTrash() ? tr("The trash is empty.") : tr("There are no runs yet; each that is trained appears here."));
    else if (shown == all)
        m_total->setText(all == 1 ? tr("1 run, %1").arg(size) : tr("%1 runs, %2").arg(QLocale().toString(all), size));
    else
        m_total->setText(tr("%1 of %2 runs; all take %3").arg(QLocale().toString(shown), QLocale().toString(all), size));
    m_total->setToolTip(m_total->text());
}

void RunsPanel::writeNotesOf(const std::filesystem::path &run, const RunNotes &notes)
{
    m_written[run] = notes;
    const auto written = [this, run, notes] {
        if (const auto found = m_written.find(run); found != m_written.end() && found->second == notes)
            m_written.erase(found);
    };
    changeRuns(
        tr("Writing the note …"), [run, notes](const RunStore &) { writeNotes(run, notes); }, written);
}

/// Does something to folders, and looks at them anew; `done` before what was found is shown.
void RunsPanel::changeRuns(const QString &doing, const std::function<void(const RunStore &)> &work, const std::function<void()> &done)
{
    if (!m_store)
        return;
    m_total->setText(doing);
    inBackground(
        this,
        [store = *m_store, work, given = m_given] {
            std::string problem;
            try {
                work(store);
            } catch (const std::exception &error) {
                problem = describe(error);
            }
            return std::pair(runsNow(store, *given), QString::fromStdString(problem));
        },
        [this, done](std::pair<std::vector<RunSummary>, QString> found) {
            if (done)
                done();
            m_problem = found.second;
            take(std::move(found.first));
        },
        [this, done](const QString &line) {
            if (done)
                done();
            m_problem = line;
            tellTotal();
        },
        &m_files);
}

void RunsPanel::open()
{
    if (const std::vector<RunSummary> runs = selected(); runs.size() == 1 && !showsTrash())
        workbench().requestRun(QString::fromStdString(runs.front().path.string()));
}

void RunsPanel::compare()
{
    QStringList folders;
    for (const RunSummary &run : selected())
        folders << QString::fromStdString(run.path.string());
    if (!folders.isEmpty() && !showsTrash())
        workbench().requestComparison(folders);
}

void RunsPanel::removeOrRestore()
{
    const std::vector<RunSummary> runs = selected();
    if (runs.empty())
        return;
    const bool restores = showsTrash();
    changeRuns(restores ? tr("Restoring …") : tr("Deleting …"), [runs, restores](const RunStore &store) {
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

void RunsPanel::emptyTrash()
{
    auto *question = new QMessageBox(QMessageBox::Question, tr("Empty the trash"),
                                     tr("Delete what is in the trash, with all checkpoints? This cannot be undone."), QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    const QAbstractButton *yes = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    connect(question, &QMessageBox::buttonClicked, this, [this, yes](QAbstractButton *button) {
        if (button == yes)
            changeRuns(tr("Emptying the trash …"), [](const RunStore &store) { store.emptyTrash(); });
    });
    question->open();
}

void RunsPanel::chooseFolder()
{
    auto *dialog = new QFileDialog(this, tr("A folder of runs to list"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { import({folder}); });
    dialog->open();
}

void RunsPanel::import(const QStringList &folders)
{
    changeRuns(tr("Looking for runs …"), [folders](const RunStore &store) {
        for (const QString &folder : folders)
            store.import(folder.toStdString());
    });
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
    import(folders);
    event->acceptProposedAction();
}

bool RunsPanel::eventFilter(QObject *watched, QEvent *event)
{
    const bool writes = m_table->viewport()->findChild<QLineEdit *>(); // into a cell, which Return ends
    if (watched == m_table && event->type() == QEvent::KeyPress && !writes) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter)
            return open(), true;
        if (key == Qt::Key_Delete)
            return removeOrRestore(), true;
    }
    return Panel::eventFilter(watched, event);
}

QString RunsPanel::csv() const
{
    const auto cell = [](QString text) { return text.contains(QRegularExpression("[\",\n]")) ? '"' + text.replace('"', "\"\"") + '"' : text; };
    QStringList lines;
    for (int row = -1; row < m_order->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < m_runs->columnCount(); ++column) {
            const RunValue value = row < 0 ? RunValue(m_runs->keyOf(column)) : valueOf(m_order->run(row), m_runs->keyOf(column));
            const double *number = std::get_if<double>(&value);
            const std::string *text = std::get_if<std::string>(&value);
            cells << cell(number ? QString::number(*number, 'g', 12) : text ? QString::fromStdString(*text) : QString());
        }
        lines << cells.join(',');
    }
    return lines.join('\n') + '\n';
}

Panel *makeRunsPanel(const PanelContext &context)
{
    return new RunsPanel(context);
}

} // namespace pretext
