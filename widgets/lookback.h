// Shows an older step of a run again: a second, silent job without a folder goes back to the checkpoint before it and takes the step as the run took it,
// so that all that panels show of it is the same bit for bit. It holds a model of its own as long as it does, and runs below the run's trainer.
#pragma once

#include "core/engine/job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QThreadPool>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pretext {

class Run;

class LookBack : public QObject
{
    Q_OBJECT
public:
    explicit LookBack(Run &run);
    ~LookBack() override;

    /// The newest request wins; what an older one was doing is given up. A step that the run has not taken yet is the newest of those it has.
    void show(int64_t step);
    /// Gives up the step that is on its way: what is shown stays, an older step or the run as it is now.
    void giveUp();
    /// Back to the run as it is now.
    void leave();
    /// The same, and waits for the trainer to end.
    void stop();

    /// That was asked for, shown or on its way; none: the run is shown as it is now.
    std::optional<int64_t> asked() const { return m_asked; }
    /// Of an older step; null while the run is shown as it is now.
    SnapshotPtr snapshot() const { return m_snapshot; }
    /// The run's first step, 0 but for a fork.
    int64_t first() const;
    /// Steps that are shown at once, ascending: those after a checkpoint, and the first.
    std::vector<int64_t> atOnce() const;
    /// What is done before the step is shown; empty where it is.
    QString progress() const;
    bool isOnItsWay() const { return m_asked && !(m_snapshot && m_snapshot->step == *m_asked); }
    /// Until the step that was asked for is shown, about, by the pace of the run's steps, and then of those taken again; none: it cannot be told yet, or is shown.
    std::optional<double> secondsLeft() const;
    /// The same of any step, were it asked for now.
    std::optional<double> secondsTo(int64_t step) const;
    /// Of the steps to the one that was asked for those that were taken again, 0 to 1.
    double share() const;
    /// Why the last one that was asked for is not shown; a line.
    QString problem() const { return m_problem; }

    /// What panels want of the step, and ask of the model.
    void want(const std::set<std::string> &channels);
    void ask(const std::string &channel, const std::optional<Question> &question);

signals:
    void changed(); // of all of the above
    void shown();   // another snapshot(), or none any more

private:
    void readKept();
    void proceed();
    bool goOn();
    void prepare(int64_t step);
    void launch(int64_t step, TrainerOptions options);
    void refuse(const QString &line);
    void retire();
    void drain();
    void take(const Status &status);
    void measurePace();
    double pace() const;
    int64_t reached() const;
    bool isWhole() const;
    bool rests() const { return m_job && m_at == m_target; }

    Run &m_run;
    std::unique_ptr<Job> m_job;
    QThreadPool m_reaper; // joins retired trainers off the window's thread
    bool m_preparing = false, m_retiring = false;
    std::optional<int64_t> m_asked;
    int64_t m_target = -1, m_at = -1; // where the job goes, and rests
    Status m_status;
    SnapshotPtr m_snapshot;
    QString m_problem;
    std::vector<int64_t> m_kept; // steps of checkpoints, ascending
    std::filesystem::path m_keptOf;
    std::set<std::string> m_wanted;
    std::map<std::string, Question> m_questions;
    bool m_wantsMore = false; // than when the job was told to go
    bool m_asksMore = false;  // than what is shown was made for, when its job was gone
    int64_t m_from = 0;       // where the way to the target begins
    int64_t m_seenAt = 0;     // the first step on it that was told of, and when
    QElapsedTimer m_seen;
    double m_pace = 0; // seconds of a step taken again, as last measured; 0: not yet
    std::atomic<bool> m_told = false;
};

} // namespace pretext
