// The main window's part in two runs side by side: how they come together, and with which of them it goes on alone.
#include "app/mainwindow.h"

#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/session.h"
#include "app/settings.h"
#include "widgets/workbench.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

namespace pretext {

namespace {
constexpr const char *kLastPair = "window/sideBySide"; // the two folders, and the knobs that were not linked
}

void MainWindow::makeSideBySideMenu(QMenu *run)
{
    QMenu *menu = run->addMenu(tr("&Side by side"));
    menu->setToolTipsVisible(true);
    menu->addAction(tr("&Fork here and watch both"), QKeySequence(tr("Ctrl+Shift+B")), this, [this] { forkBeside(-1); })
        ->setToolTip(tr("Pauses the run, and puts another beside it that begins with all it has; until a knob differs both take the very same steps."));
    menu->addAction(tr("&Open a run beside …"), this, [this] {
        auto *dialog = new QFileDialog(this, tr("Open a run beside"), settings().value("window/folder").toString());
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::Directory);
        connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) { m_opener->openBeside(path); });
        dialog->open();
    });
    menu->addSeparator();
    QAction *left = menu->addAction(tr("Go on with the &left run"), this, [this] { standAlone(false); });
    QAction *right = menu->addAction(tr("Go on with the &right run"), this, [this] { standAlone(true); });
    connect(menu, &QMenu::aboutToShow, this, [this, left, right] {
        const SideBySide *together = m_workbench->sideBySide();
        for (QAction *action : {left, right})
            action->setEnabled(together);
        const auto named = [&](const QString &text, const Run *run) { return text.arg(together->name(run).replace(u'&', QLatin1String("&&"))); };
        left->setText(together ? named(tr("Go on with the &left run: %1"), together->left()) : tr("Go on with the &left run"));
        right->setText(together ? named(tr("Go on with the &right run: %1"), together->right()) : tr("Go on with the &right run"));
    });
}

void MainWindow::connectSideBySide()
{
    connect(m_workbench, &Workbench::besideRequested, this, [this](const QString &run) { m_opener->openBeside(run); });
    connect(m_workbench, &Workbench::aloneRequested, this, &MainWindow::standAlone);
    connect(m_runs, &RunKeeper::crashedPairFound, this, &MainWindow::offerBoth);
    connect(m_opener, &Opener::pairWanted, this, [this](const Session &session) { openBoth(*session.sideBySide, [this, session] { applySession(session); }); });
    connect(m_workbench, &Workbench::besideAdded, this, [this](Run *right) {
        m_runs->follow(right);
        connect(right, &Run::failed, this, [this](const QString &line) { m_notices->notify("fault", tr("The right run stopped at %1.").arg(line)); });
    });
    connect(m_workbench, &Workbench::sideBySideChanged, this, [this] {
        if (SideBySide *together = m_workbench->sideBySide())
            connect(together, &SideBySide::goBackRequested, this,
                    [this](qint64 step) { m_opener->openStep(QString::fromStdString(m_run->path().string()), step, false); });
    });
}

/// A negative step: where the run stands once it rests.
void MainWindow::forkBeside(qint64 step)
{
    if (m_run->path().empty())
        return m_notices->notify("refused", tr("There is no run to fork: it begins with its first step."));
    const auto fork = [this, step] {
        disconnect(m_atRest);
        m_opener->openBeside(QString::fromStdString(m_run->path().string()), step < 0 ? qint64(m_run->status().step) : step);
    };
    const auto rests = [this] { return m_run->status().state == TrainerState::paused || m_run->standsStill(); };
    disconnect(m_atRest);
    if (rests())
        return fork();
    m_atRest = connect(m_run, &Run::statusChanged, this, [rests, fork] {
        if (rests())
            fork();
    });
    m_run->pause();
}

void MainWindow::offerBoth(const QString &left, const QString &right)
{
    m_notices->notify("crash",
                      tr("The runs %1 and %2, side by side, were not closed. Nothing of them is lost: the steps since their last checkpoints are taken again, "
                         "or, where that is more than a minute's work, kept aside.")
                          .arg(QFileInfo(left).fileName(), QFileInfo(right).fileName()),
                      {{tr("Resume both"),
                        [this, left, right] {
                            openBoth({left.toStdString(), right.toStdString(), {}});
                        }},
                       {tr("Resume the right one alone"), [this, right] { m_opener->openRun(right, false); }},
                       {tr("Leave them"),
                        [this, left, right] {
                            m_runs->forget(left.toStdString());
                            m_runs->forget(right.toStdString());
                        }}},
                      Urgency::offer);
}

/// Both as they were left, paused; `opened` once the left one is there, as the end of the job before clears what is selected.
void MainWindow::openBoth(const SessionPair &pair, const std::function<void()> &opened)
{
    m_workbench->endSideBySide();
    m_runs->finish();
    const auto beside = [this, pair, opened] {
        if (m_run->path() != pair.left)
            return; // it could not be opened
        if (opened)
            opened();
        m_opener->openBeside(QString::fromStdString(pair.right.string()), {}, pair.apart);
    };
    if (m_run->hasJob() && m_run->path() == pair.left)
        return beside();
    connect(m_run, &Run::jobStarted, this, beside, static_cast<Qt::ConnectionType>(Qt::SingleShotConnection | Qt::QueuedConnection));
    m_opener->openRun(QString::fromStdString(pair.left.string()));
}

std::optional<SessionPair> MainWindow::pairNow() const
{
    const SideBySide *together = m_workbench->sideBySide();
    if (!together || together->left()->path().empty() || together->right()->path().empty())
        return {};
    const auto folder = [](const Run *run) { return std::filesystem::absolute(run->path()).lexically_normal(); };
    return SessionPair{folder(together->left()), folder(together->right()), together->apart()};
}

void MainWindow::rememberPair()
{
    QStringList kept;
    if (const auto pair = pairNow()) {
        kept << QString::fromStdString(pair->left.string()) << QString::fromStdString(pair->right.string());
        for (const std::string &knob : pair->apart)
            kept << QString::fromStdString(knob);
    }
    settings().setValue(kLastPair, kept);
}

void MainWindow::offerLastPair()
{
    const QStringList kept = settings().value(kLastPair).toStringList();
    const auto isThere = [](const QString &run) { return QFileInfo::exists(run + "/config.json"); };
    if (kept.size() < 2 || !isThere(kept[0]) || !isThere(kept[1]))
        return;
    SessionPair pair{kept[0].toStdString(), kept[1].toStdString(), {}};
    for (const QString &knob : kept.mid(2))
        pair.apart.push_back(knob.toStdString());
    m_notices->notify("pair",
                      tr("The runs %1 and %2 stood side by side when the window was closed.").arg(QFileInfo(kept[0]).fileName(), QFileInfo(kept[1]).fileName()),
                      {{tr("Open both"), [this, pair] { openBoth(pair); }}}, Urgency::offer);
}

/// Both, so that they stay in step; the right one once the left one is there.
void MainWindow::goBackTogether(qint64 step)
{
    SideBySide *together = m_workbench->sideBySide();
    const QString left = QString::fromStdString(together->left()->path().string()), right = QString::fromStdString(together->right()->path().string());
    together->settle();
    disconnect(m_goesBack);
    m_goesBack = connect(
        m_run, &Run::jobStarted, this, [this, right, step] { m_opener->openStep(right, step, false); },
        static_cast<Qt::ConnectionType>(Qt::SingleShotConnection | Qt::QueuedConnection));
    m_opener->openStep(left, step, false);
}

/// The other's last step is saved. The right one comes to the place of the left.
void MainWindow::standAlone(bool right)
{
    const SideBySide *together = m_workbench->sideBySide();
    if (!together)
        return;
    const auto kept = together->right()->path();
    m_workbench->endSideBySide();
    m_notices->dismiss("note");
    if (!right)
        return;
    m_run->stop(); // its folder is closed, and the other's is opened, from the step that it has just saved
    m_runs->finish();
    m_opener->openRun(QString::fromStdString(kept.string()), true, true);
}

} // namespace pretext
