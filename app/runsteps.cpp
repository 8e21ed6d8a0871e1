// The main window's part in other steps of a run than its next: back to its beginning or to one of them, on past its end, and off by a fork.
#include "app/extenddialog.h"
#include "app/mainwindow.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/stepdialog.h"
#include "core/engine/rowfile.h"
#include "core/engine/runsummary.h"
#include "core/files/shownpath.h"
#include "widgets/run.h"
#include "widgets/workbench.h"

#include <QCheckBox>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>

#include <algorithm>

namespace pretext {

/// Asks first, where steps would be set aside.
void MainWindow::rewindRun()
{
    const auto &parent = m_run->config().parent;
    const SideBySide *together = m_workbench->sideBySide();
    const int64_t first = together && together->parting() ? *together->parting() : parent ? parent->step : 0, steps = m_run->status().step - first;
    if (!m_asksToRewind || !m_run->hasJob() || m_run->path().empty() || steps <= 0)
        return m_run->rewind();
    if (auto *open = findChild<QMessageBox *>("rewind"))
        return open->raise();
    const QLocale numbers;
    const QString to = numbers.toString(qlonglong(first));
    auto *question = new QMessageBox(QMessageBox::Question, tr("Rewind"),
                                     together && together->parting() ? tr("Rewind both runs to step %1, where they parted?").arg(to)
                                                                     : tr("Rewind to step %1? The knobs stay as they are.").arg(to),
                                     QMessageBox::Cancel, this);
    question->setObjectName("rewind");
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(
        (steps == 1
             ? tr("The step taken since is set aside, not lost: its row is kept in metrics.lost.csv, checkpoints in checkpoints/lost, in %1.")
             : tr("The %1 steps taken since are set aside, not lost: their rows are kept in metrics.lost.csv, their checkpoints in checkpoints/lost, in %2.")
                   .arg(numbers.toString(qlonglong(steps))))
            .arg(together && together->parting() ? tr("the folder of each") : QString::fromStdString(shownPath(m_run->path()))));
    auto *rewind = question->addButton(tr("&Rewind"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel); // R may have been meant for a box of text, and so what is typed next
    question->setCheckBox(new QCheckBox(tr("Do not ask again in this window")));
    connect(rewind, &QAbstractButton::clicked, this, [this, question] {
        m_asksToRewind = !question->checkBox()->isChecked();
        m_run->rewind();
    });
    question->open();
}

void MainWindow::extendRun()
{
    auto *dialog = new ExtendDialog(m_run, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

/// A negative step: the one that the run is at, whose state is saved for it. goesBack: Return goes back, not off by a fork.
void MainWindow::chooseStep(qint64 step, bool goesBack)
{
    if (m_run->path().empty())
        return m_notices->notify("refused", tr("There is no run to go back in: it begins with its first step."));
    const qint64 proposed = step < 0 && m_run->looksBack() ? m_run->shownStep() : step;
    m_run->withCheckpoint(this, [this, proposed, goesBack](const std::filesystem::path &checkpoint) {
        const int64_t last = std::max(m_run->status().step, stepOf(checkpoint));
        const auto &parent = m_run->config().parent;
        offerSteps(m_run->path(), parent ? parent->step : 0, last, proposed < 0 ? stepOf(checkpoint) : proposed, goesBack);
    });
}

/// Of the run that is open its state now is saved for it; of another the newest that is kept is taken.
void MainWindow::forkRun(const QString &run, bool asksForStep)
{
    const std::filesystem::path path = run.toStdString();
    if (m_run->hasJob() && m_run->path() == path)
        return asksForStep
                   ? chooseStep(-1)
                   : m_run->withCheckpoint(this, [this, run](const std::filesystem::path &checkpoint) { m_opener->openStep(run, stepOf(checkpoint), true); });
    const std::vector<std::filesystem::path> kept = checkpointsIn(path);
    if (kept.empty())
        return m_notices->notify("refused", tr("%1 has no checkpoint that another run could begin with.").arg(run));
    const int64_t newest = stepOf(kept.back());
    if (!asksForStep)
        return m_opener->openStep(run, newest, true);
    const RunSummary summary = summarise(path);
    offerSteps(path, summary.parent ? summary.parent->step : 0, std::max(summary.step, newest), newest);
}

void MainWindow::offerSteps(const std::filesystem::path &path, int64_t first, int64_t last, int64_t step, bool goesBack)
{
    const SideBySide *together = m_run->path() == path ? m_workbench->sideBySide() : nullptr;
    auto *dialog = new StepDialog(path, first, last, step, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (goesBack)
        dialog->proposeGoingBack();
    if (m_run->path() == path && !together)
        connect(m_run, &Run::statusChanged, dialog, [this, dialog] { dialog->runIsAt(m_run->status().step); });
    if (together) {
        const auto &parent = together->right()->config().parent;
        dialog->beOfBoth(parent ? parent->step : 0, together->right()->status().step);
    }
    const QString run = QString::fromStdString(path.string());
    connect(dialog, &StepDialog::goBack, this, [this, run, both = together != nullptr](qint64 to) {
        both && m_workbench->sideBySide() ? goBackTogether(to) : m_opener->openStep(run, to, false);
    });
    connect(dialog, &StepDialog::fork, this, [this, run](qint64 from) { m_opener->openStep(run, from, true); });
    connect(dialog, &StepDialog::forkBeside, this, [this, run](qint64 from) {
        const bool own = m_run->path() == std::filesystem::path(run.toStdString());
        own ? forkBeside(from >= m_run->status().step ? -1 : from) : m_opener->openBeside(run, from);
    });
    dialog->open();
}

} // namespace pretext
