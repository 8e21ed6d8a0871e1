#include "widgets/runs/runfolders.h"

#include "core/system/describe.h"
#include "widgets/runs/runlist.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/runview.h"

#include <QLocale>
#include <QMessageBox>
#include <QPushButton>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace pretext {

RunFolders::RunFolders(RunList *list, RunView *table, QObject *parent) : QObject(parent), m_list(list), m_table(table)
{
}

void RunFolders::removeOrRestore()
{
    const std::vector<RunSummary> runs = m_table->selected();
    if (runs.empty())
        return;
    const bool restores = !runs.front().from.empty();
    const auto moved = std::make_shared<int>(0);
    const auto one = [restores](const RunStore &store, const RunSummary &run) {
        if (restores)
            store.restore(run.path);
        else if (run.state == RunState::gone)
            store.unlist(run.path); // there is nothing else left to delete
        else
            store.remove(run.path);
        return restores || run.state != RunState::gone;
    };
    m_list->change(
        restores ? tr("Restoring …") : tr("Deleting …"),
        [runs, one, moved](const RunStore &store) {
            std::vector<std::string> refused; // the others are moved all the same
            for (const RunSummary &run : runs)
                try {
                    *moved += one(store, run);
                } catch (const std::exception &error) {
                    refused.push_back(describe(error));
                }
            if (!refused.empty())
                throw std::runtime_error((*moved == 0   ? QString()
                                          : *moved == 1 ? tr("1 run was moved, but ")
                                                        : tr("%1 runs were moved, but ").arg(*moved))
                                             .append(QString::fromStdString(refused.front()))
                                             .append(refused.size() == 1 ? QString() : tr("; and %1 more").arg(refused.size() - 1))
                                             .toStdString());
        },
        [this, restores, moved] {
            if (*moved > 0)
                emit done(restores      ? tr("Back where they were: %1.").arg(*moved)
                          : *moved == 1 ? tr("The run is in the trash, from where it can be restored.")
                                        : tr("%1 runs are in the trash, from where they can be restored.").arg(*moved));
        });
}

void RunFolders::forgetGone()
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

void RunFolders::emptyTrash()
{
    const std::vector<RunSummary> &runs = m_list->model()->runs();
    const auto count = std::ranges::count_if(runs, [](const RunSummary &run) { return !run.from.empty(); });
    const QString size = QLocale().formattedDataSize(qint64(bytesOf(runs, true)), 1);
    auto *question = new QMessageBox(
        QMessageBox::Question, tr("Empty the trash"),
        count == 1
            ? tr("Delete the run in the trash for good, %1 with its checkpoints? This cannot be undone.").arg(size)
            : tr("Delete the %1 runs in the trash for good, %2 with their checkpoints? This cannot be undone.").arg(QLocale().toString(qlonglong(count)), size),
        QMessageBox::Cancel, m_table);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setDefaultButton(QMessageBox::Cancel);
    const QAbstractButton *yes = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    connect(question, &QMessageBox::buttonClicked, this, [this, yes](QAbstractButton *button) {
        if (button == yes)
            m_list->change(tr("Emptying the trash …"), [](const RunStore &store) { store.emptyTrash(); });
    });
    question->open();
}

/// What was found is selected, also where it was listed already.
void RunFolders::import(const QStringList &folders)
{
    const size_t before = m_list->model()->runs().size();
    m_list->import(folders, [this, before](const std::set<std::filesystem::path> &found) {
        const auto more = int(m_list->model()->runs().size() - std::min(before, m_list->model()->runs().size()));
        m_table->select(found);
        emit done(more == 1  ? tr("One run more is listed.")
                  : more > 1 ? tr("%1 runs more are listed.").arg(more)
                             : tr("Its runs are listed already; they are selected now."));
    });
}

} // namespace pretext
