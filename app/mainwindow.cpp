#include "app/mainwindow.h"

#include "app/columnkeeper.h"
#include "app/dockarea.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/runwatch.h"
#include "app/settings.h"
#include "app/statusline.h"
#include "app/timebar.h"
#include "core/engine/runsummary.h"
#include "core/ssl/method.h"
#include "widgets/icons.h"
#include "widgets/metrics/overlaidrun.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLocale>
#include <QMimeData>
#include <QTimer>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

namespace {
constexpr qreal kPresenterScale = 1.5;
constexpr const char *kLayout = "window/layout", *kSmallLayout = "window/smallLayout"; // the second of windows that the first does not fit
const QString kArrangement = QStringLiteral("panels/");                                // of each
}

MainWindow::MainWindow()
    : m_workbench(new Workbench(this))
    , m_run(m_workbench->add())
    , m_request(m_workbench->requestOf(m_run))
    , m_selection(new Selection(this))
    , m_notices(new NoticeBar(this))
    , m_docks(new DockArea(this, {m_workbench, m_run, m_selection}))
    , m_runs(new RunKeeper(this))
    , m_watch(new RunWatch(this))
    , m_opener(new Opener(m_workbench, m_runs, this))
    , m_status(new StatusLine(m_workbench, this))
    , m_time(new TimeBar(m_run, this))
    , m_pointSize(QApplication::font().pointSizeF())
{
    setWindowIcon(themedIcon("pretext", palette()));
    setAcceptDrops(true);
    qApp->installEventFilter(this);
    addToolBar(Qt::BottomToolBarArea, m_time);
    setStatusBar(m_status);
    resize(1280, 720);
    new ColumnKeeper(this, m_docks->dock("controls"));
    m_workbench->setRunPathMaker([this](const RunConfig &config) { return m_runs->newPath(config); });
    m_runs->follow(m_run);
    makeMenus();
    connectJob();
    connectOpener();
    connectSideBySide();
    updateTitle();
}

MainWindow::~MainWindow()
{
    // Panels speak to their run when they go, and the status line asks all runs, so they go first.
    m_workbench->stop();
    m_runs->finish();
    delete m_status;
    for (QDockWidget *dock : findChildren<QDockWidget *>(Qt::FindDirectChildrenOnly))
        delete dock;
}

void MainWindow::connectJob()
{
    connect(m_run, &Run::failed, this, &MainWindow::showFault);
    connect(m_run, &Run::stepRefused, this, &MainWindow::sayWhyItStands);
    connect(m_run, &Run::rewindAsked, this, &MainWindow::rewindRun);
    connect(m_run, &Run::statusChanged, this, [this] {
        if (!m_run->standsStill() || m_run->status().step != m_stoodAt) // a few steps may be over before they are seen
            m_notices->dismiss("still");
    });
    connect(m_run, &Run::jobStarted, this, [this] {
        m_notices->dismiss("fault");
        m_notices->dismiss("proposal");
        m_notices->dismiss("still");
        if (m_run->path() == std::filesystem::path(m_crashed.toStdString()))
            m_notices->dismiss("crash"); // it is open
        const QString best = QString::fromStdString(methodType(m_run->config().method).panel);
        std::set<std::string> panels; // of which the one in front gives way
        for (const MethodType &type : methodTypes())
            panels.insert(type.panel);
        panels.erase(best.toStdString());
        for (const std::string &other : panels) {
            m_docks->showInsteadOf(best, QString::fromStdString(other));
            if (best == QStringLiteral("viewpairs")) // of methods that compare views
                m_docks->showInsteadOf(QStringLiteral("similarity"), QString::fromStdString(other));
        }
        if (best != QStringLiteral("viewpairs"))
            m_docks->showInsteadOf(best, QStringLiteral("similarity"));
        updateTitle();
    });
    connect(m_run, &Run::jobStopped, m_selection, &Selection::clear);
    connect(m_run, &Run::snapshotReady, this, [this] {
        if (const SnapshotPtr snapshot = m_run->snapshot())
            m_selection->find(snapshot->indices);
    });
    connect(m_run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind" && std::atoll(event.before.c_str()) > std::atoll(event.after.c_str()) && !m_run->path().empty())
            m_notices->notify("note",
                              tr("Rewound from step %1 to %2. What it took until there is kept in the run's folder, in metrics.lost.csv and checkpoints/lost.")
                                  .arg(QString::fromStdString(event.before), QString::fromStdString(event.after)),
                              {}, Urgency::note);
        if (event.kind == "refused")
            m_status->showMessage(QString::fromStdString(event.message), 10000);
    });
    connect(m_time, &TimeBar::goBackAsked, this, [this](qint64 step) { chooseStep(step, true); });
    connect(m_time, &TimeBar::forkAsked, this, [this](qint64 step) { m_opener->openStep(QString::fromStdString(m_run->path().string()), step, true); });
    connect(m_workbench, &Workbench::dataRequested, this, &MainWindow::chooseData);
    connect(m_workbench, &Workbench::dataOptionsRequested, m_opener, &Opener::reopenData);
    connect(m_workbench, &Workbench::stepRequested, this, [this](qint64 step) { chooseStep(step); });
    connect(m_workbench, &Workbench::forkRequested, this, &MainWindow::forkRun);
    connect(m_workbench, &Workbench::sessionRequested, m_opener, &Opener::openSession);
    connect(m_workbench, &Workbench::runRequested, this, [this](const QString &run) { m_opener->openRun(run); });
    connect(m_workbench, &Workbench::comparisonRequested, this, &MainWindow::compareRuns);
    connect(m_runs, &RunKeeper::crashedFound, this, &MainWindow::offerResume);
    connect(m_runs, &RunKeeper::diskMeasured, m_status, &StatusLine::setDiskUsed);
}

void MainWindow::connectOpener()
{
    connect(m_opener, &Opener::working, m_status, [this](const QString &what) { m_status->showMessage(what); });
    connect(m_opener, &Opener::opened, this, [this](const QString &path, const QString &note, bool mayBeExtended, std::optional<qint64> parted) {
        m_status->clearMessage();
        m_notices->dismiss("refused");
        m_sharedText.clear();
        const NoticeAction extend{tr("Train past the end …"), [this] { extendRun(); }};
        std::vector<NoticeAction> actions;
        if (mayBeExtended)
            actions.push_back(extend);
        if (parted)
            actions.push_back({tr("Take the left run back to step %1").arg(QLocale().toString(*parted)),
                               [this, parted] { m_opener->openStep(QString::fromStdString(m_run->path().string()), *parted, false); }});
        if (!note.trimmed().isEmpty())
            m_notices->notify("note", note.trimmed(), actions, Urgency::note);
        else
            m_notices->dismiss("note"); // of what was open before
        if (!path.isEmpty())
            remember(path);
    });
    connect(m_opener, &Opener::refused, this, [this](const QString &line) {
        disconnect(m_goesBack); // the left run stays where it is, and so does the right one
        m_status->clearMessage();
        m_notices->notify("refused", line);
    });
    connect(m_opener, &Opener::dataChanged, this, [this](const QString &run, const QString &line) {
        m_notices->notify("data", line, {{tr("Go on with the changed data"), [this, run] { m_opener->openRun(run, true, true); }}});
    });
    connect(m_opener, &Opener::openElsewhere, this, &MainWindow::watchRun);
    connect(m_watch, &RunWatch::changed, this, &MainWindow::sayWatched);
    connect(m_watch, &RunWatch::settingsRead, m_request, &Request::watch);
    connect(m_watch, &RunWatch::ended, this, [this](const QString &run) {
        m_notices->dismiss("watched");
        m_notices->notify("watched", tr("%1 is no longer open elsewhere; it can be opened here to go on with it.").arg(run),
                          {{tr("Open it"), [this, run] { m_opener->openRun(run); }}}, Urgency::offer);
    });
    const auto proposed = std::make_shared<std::pair<std::string, std::string>>(); // method and data
    const auto asked = [this] { return std::pair(m_request->config().method, m_request->config().dataset); };
    connect(m_opener, &Opener::proposed, this, [this, proposed, asked](const QString &line) {
        *proposed = asked();
        m_notices->notify("proposal", line, {{tr("Apply and restart"), [this] { m_request->applyAndRestart(); }}});
    });
    connect(m_request, &Request::configRequested, this, [this, proposed, asked] {
        if (!m_request->needsRestart() || asked() != *proposed) // or something else was chosen instead
            m_notices->dismiss("proposal");
    });
    connect(m_opener, &Opener::columnWanted, this, &MainWindow::chooseColumn);
    connect(m_opener, &Opener::forked, this, [this](const QString &parent) {
        if (auto *metrics = dynamic_cast<ShowsRuns *>(m_docks->panel("metrics")))
            metrics->showRun(parent.toStdString());
    });
    connect(m_opener, &Opener::sessionOpened, this, &MainWindow::applySession);
}

void MainWindow::applySession(const Session &session)
{
    if (!session.layout.isEmpty() && !m_docks->restore(session.layout))
        m_notices->notify("refused", tr("The session's layout cannot be shown here; the panels stay in one that can."));
    for (const QString &panel : session.panels)
        m_docks->show(panel);
    const auto select = [this, sample = session.sample, pair = session.pair] {
        if (sample || pair >= 0)
            m_selection->select({sample, pair});
    };
    if (m_run->hasJob())
        select();
    else // the job before is still being joined; its end clears the selection
        connect(m_run, &Run::jobStarted, this, select, Qt::SingleShotConnection);
}

void MainWindow::showFault(const QString &line)
{
    const Status &status = m_run->status();
    std::vector<NoticeAction> actions;
    if (!status.lastCheckpoint.empty())
        actions.push_back({tr("Resume from the last good checkpoint"),
                           [this, checkpoint = QString::fromStdString(status.lastCheckpoint)] { m_opener->openRun(checkpoint); }});
    m_notices->notify("fault", (status.failedInStep ? tr("Training stopped at %1.") : tr("Training did not start: %1.")).arg(line), actions);
}

/// What to do instead of playing on.
void MainWindow::sayWhyItStands()
{
    if (m_watch->watches() && !m_run->hasJob()) // that another process has it open, also where the notice was closed
        return m_notices->notify("watched", m_watched);
    const Status &status = m_run->status();
    m_stoodAt = status.step;
    if (m_run->hasJob() && status.state == TrainerState::failed)
        return showFault(QString::fromStdString(status.failure));
    const NoticeAction anew{tr("Start anew"), [this] { m_request->applyAndRestart(); }};
    if (m_run->hasJob())
        m_notices->notify("still",
                          tr("This run has ended, at step %1. It can be given more steps, or started anew from new initial weights; its folder stays as it is.")
                              .arg(QLocale().toString(qlonglong(status.step))),
                          {{tr("Train past the end …"), [this] { extendRun(); }}, anew});
    else if (m_request->mayStart())
        m_notices->notify("still", tr("Nothing runs: the job was stopped before its first step. It can be started with the settings that the controls show."),
                          {anew});
    else
        m_notices->notify("still", tr("Nothing runs. File opens data, a run or a session to train on."));
}

void MainWindow::compareRuns(const QStringList &runs)
{
    m_docks->show("metrics");
    std::vector<std::filesystem::path> folders;
    for (const QString &run : runs)
        folders.push_back(run.toStdString());
    if (auto *metrics = dynamic_cast<ShowsRuns *>(m_docks->panel("metrics")))
        metrics->showRuns(folders);
}

/// Another process has it open: its curves follow its files, and nothing is written to it.
void MainWindow::watchRun(const QString &run, const QString &writer, bool standsStill)
{
    m_docks->show("metrics");
    if (auto *metrics = dynamic_cast<ShowsRuns *>(m_docks->panel("metrics")))
        metrics->showRun(run.toStdString());
    sayWatched(run, writer, standsStill);
    m_watch->watch(run, standsStill);
}

/// Whether it is trained there or stands still.
void MainWindow::sayWatched(const QString &run, const QString &writer, bool standsStill)
{
    m_watched = standsStill
                    ? tr("%1 is open elsewhere, in %2, and stands still there: it is paused or has ended. It is shown here read only: Metrics draws its "
                         "curves, dashed, with its settings beside them. It can be opened once it is closed there.")
                    : tr("%1 is being trained elsewhere, by %2. It is shown here read only: Metrics draws its curves, dashed, and follows its files, "
                         "with its settings beside them. It can be opened once that has ended.");
    m_watched = m_watched.arg(run, writer);
    m_notices->dismiss("watched"); // as it was until now, also where it answers a key
    m_notices->notify("watched", m_watched, {}, Urgency::offer);
}

void MainWindow::offerResume(const QString &run)
{
    m_crashed = run;
    if (m_run->hasJob() && m_run->path() == std::filesystem::path(run.toStdString()))
        return;
    const QString name = QString::fromStdString(summarise(run.toStdString()).name()); // of a trial with its sweep's
    m_notices->notify("crash",
                      tr("The run %1 was not closed. Nothing of it is lost: the steps since its last checkpoint are taken again, or, where that is more than a "
                         "minute's work, kept aside.")
                          .arg(name),
                      {{tr("Resume it"), [this, run] { m_opener->openRun(run, false); }}, {tr("Leave it"), [this, run] { m_runs->forget(run.toStdString()); }}},
                      Urgency::offer);
}

void MainWindow::updateTitle()
{
    const auto run = m_run->path();
    setWindowTitle(run.empty() ? tr("Pretext") : tr("%1 – Pretext").arg(QString::fromStdString(run.filename().string())));
}

void MainWindow::restoreLast()
{
    restoreGeometry(settings().value("window/geometry").toByteArray());
    m_layout = settings().value(kLayout).toByteArray();
    if (!m_docks->restore(m_layout))
        m_layout.clear();
    for (const PanelType &type : panelTypes())
        m_docks->panel(type.name)->arrange(settings().value(kArrangement + type.name).toByteArray());
}

void MainWindow::resizeWith(QSize asked)
{
    resize(asked);
    const auto fits = [&] { return minimumSizeHint().boundedTo(asked) == minimumSizeHint(); };
    if (!fits()) { // as it was left in a larger window
        m_madeToFit = true;
        m_layout = settings().value(kSmallLayout).toByteArray();
        if (!m_docks->restore(m_layout) || !fits()) {
            m_layout.clear();
            m_docks->applyDefault();
        }
    }
    resize(asked);
}

void MainWindow::useLayout(const QString &name)
{
    m_layout.clear();
    name == QLatin1String("default") ? m_docks->applyDefault() : m_docks->applyLayout(name);
}

void MainWindow::setPresenting(bool presenting)
{
    QFont font = QApplication::font();
    font.setPointSizeF(presenting ? m_pointSize * kPresenterScale : m_pointSize);
    QApplication::setFont(font);
    QApplication::setFont(font, "QDockWidgetTitle"); // the platform gives titles a font of their own
    setWindowState(presenting ? windowState() | Qt::WindowFullScreen : windowState() & ~Qt::WindowFullScreen);
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (!m_placed && m_layout.isEmpty())
        m_docks->applyDefault(); // now that the size is known
    else if (!m_placed)          // in a window of another size than it was left in, docks share out the difference; each start would move them on
        QTimer::singleShot(0, this, [this] {
            if (!m_layout.isEmpty())
                m_docks->restore(std::exchange(m_layout, {}));
        });
    m_placed = true;
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ThemeChange)
        applyAppearance(appearanceFromText(settings().value("window/appearance").toString()));
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_remembers) {
        settings().setValue("window/geometry", saveGeometry());
        settings().setValue(m_madeToFit ? kSmallLayout : kLayout, m_docks->state());
        for (const PanelType &type : panelTypes())
            if (const QByteArray kept = m_docks->panel(type.name)->arrangement(); !kept.isEmpty())
                settings().setValue(kArrangement + type.name, kept);
        rememberPair();
    }
    hide(); // the step under way and its checkpoint may take a second
    m_workbench->stop();
    m_runs->finish();
    event->accept();
}

/// Space belongs to the button, choice or list that has the focus; only otherwise does it play and pause. Outside dialogs it is Tab that gives a button or a
/// choice the focus, not a click, so that Space plays on after one.
bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    const auto *box = qobject_cast<QComboBox *>(watched);
    const bool pressed = qobject_cast<QAbstractButton *>(watched) || (box && !box->isEditable());
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space
        && (pressed || box || qobject_cast<QAbstractItemView *>(watched)))
        event->accept();
    if (auto *widget = qobject_cast<QWidget *>(watched); event->type() == QEvent::Show && pressed && !qobject_cast<QDialog *>(widget->window()))
        widget->setFocusPolicy(Qt::FocusPolicy(widget->focusPolicy() & Qt::TabFocus));
    return QMainWindow::eventFilter(watched, event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->urls().size() == 1 && event->mimeData()->urls().front().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    m_opener->openAny(event->mimeData()->urls().front().toLocalFile());
}

} // namespace pretext
