// The user's runs, kept up to date in the background: at once as the database knows them, then as the folders are; and whatever is done to folders is done
// there, one thing after the other.
#pragma once

#include "core/engine/runstore.h"
#include "core/engine/runsummary.h"

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace pretext {

class RunModel;

class RunList : public QObject
{
    Q_OBJECT
public:
    /// It looks at the folders now and then, and soon after something has happened, while `isSeen`.
    RunList(std::function<bool()> isSeen, QObject *parent);
    ~RunList() override;

    RunModel *model() const { return m_runs; }
    bool isListed() const { return m_store.has_value(); } // false: no list is kept of runs
    bool isRead() const { return m_read; }                // from the folders
    const QString &problem() const { return m_problem; }

    /// Brings it up to date where it was not of late.
    void refresh();
    /// Looks at the folders.
    void sweep();
    void sweepSoon();
    /// Does something to folders, and looks at them anew; `done` before what was found is shown.
    void change(const QString &doing, const std::function<void(const RunStore &)> &work, const std::function<void()> &done = {});
    /// `done` with what the folders hold, once the list has it.
    void import(const QStringList &folders, const std::function<void(const std::set<std::filesystem::path> &)> &done);
    void forgetProblem();

signals:
    void changed();                    // the runs, or the problem
    void said(const QString &message); // what is being done, or why a cell was refused

private:
    void readKnown();
    void take(std::vector<RunSummary> runs);
    void writeNotesOf(const std::filesystem::path &run, const RunNotes &notes);

    std::optional<RunStore> m_store;
    RunModel *m_runs;
    std::function<bool()> m_isSeen;
    QTimer m_look;
    QString m_problem;
    std::map<std::filesystem::path, RunNotes> m_written; // into cells, and not yet into the folder
    bool m_read = false, m_sweeping = false, m_again = false;
    std::shared_ptr<std::atomic<bool>> m_given = std::make_shared<std::atomic<bool>>(false); // up
    QThreadPool m_files;                                                                     // one thread: what is asked for first is done first
};

} // namespace pretext
