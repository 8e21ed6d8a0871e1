// The main window's part in two runs side by side: how they come together, and with which of them it goes on alone.
#include "app/mainwindow.h"

#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/settings.h"
#include "widgets/workbench.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

namespace pretext {

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
        left->setText(together ? tr("Go on with the &left run: %1").arg(together->title(together->left())) : tr("Go on with the &left run"));
        right->setText(together ? tr("Go on with the &right run: %1").arg(together->title(together->right())) : tr("Go on with the &right run"));
    });
}

void MainWindow::connectSideBySide()
{
    connect(m_workbench, &Workbench::besideRequested, this, [this](const QString &run) { m_opener->openBeside(run); });
    connect(m_workbench, &Workbench::aloneRequested, this, &MainWindow::standAlone);
    connect(m_runs, &RunKeeper::crashedPairFound, this, &MainWindow::offerBoth);
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
    const auto resume = [this, left, right] {
        connect(
            m_run, &Run::jobStarted, this,
            [this, left, right] {
                if (m_run->path() == std::filesystem::path(left.toStdString())) // it could be opened
                    m_opener->openBeside(right);
            },
            static_cast<Qt::ConnectionType>(Qt::SingleShotConnection | Qt::QueuedConnection));
        m_opener->openRun(left);
    };
    m_notices->notify("crash",
                      tr("The runs %1 and %2, side by side, were not closed. Nothing is lost but the steps since their last checkpoints.")
                          .arg(QFileInfo(left).fileName(), QFileInfo(right).fileName()),
                      {{tr("Resume both"), resume},
                       {tr("Resume the right one alone"), [this, right] { m_opener->openRun(right, false); }},
                       {tr("Leave them"),
                        [this, left, right] {
                            m_runs->forget(left.toStdString());
                            m_runs->forget(right.toStdString());
                        }}},
                      Urgency::offer);
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
