// A run as the window sees it: its end of the lanes. It owns the job, drains the job's log and slots on the window's thread, and tells the panels that
// are made for it what happened. A restart puts another job into the same place, and the panels stay. Nothing here waits for the trainer but stop().
#pragma once

#include "core/engine/job.h"
#include "widgets/scalarhistory.h"
#include "widgets/snapshotpace.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

class QTimer;

namespace pretext {

class LookBack;
class SideBySide;

class Run : public QObject
{
    Q_OBJECT
public:
    explicit Run(QObject *parent = nullptr);
    ~Run() override;

    /// Asks the running job, if any, to end, and starts this one when it has. The data set is opened by the caller, so that errors are
    /// shown before anything stops.
    void start(TrainerOptions options);
    void stop();   // returns once the trainer has stopped
    void cancel(); // the job ends, and none follows; returns at once
    bool hasJob() const { return m_job != nullptr; }
    bool isIdle() const { return !m_job && !m_next; } // there is no job, and none waits for the one before to end
    bool standsStill() const;                         // there is no job, or it has ended or failed: nothing makes it take a step
    bool isPausing() const { return m_pausing; }      // asked to pause, it still takes the step under way, with what belongs to it
    /// As the trainer says now, also while nothing is drained.
    bool takesSteps() const { return m_job && m_job->lanes().status.latest().state == TrainerState::playing; }
    /// What the job was started with; without a job as any would be.
    TrainerOptions options() const { return m_job ? m_job->options() : TrainerOptions(); }

    /// What the job was started with; its knobs are those acknowledged.
    const RunConfig &config() const { return m_config; }
    std::shared_ptr<const Dataset> dataset() const { return m_dataset; }
    const Status &status() const { return m_status; }
    /// Of the step that is shown: the newest, or an older one that is looked back at.
    SnapshotPtr snapshot() const;
    LookBack &lookBack() const { return *m_lookBack; }
    /// Whether snapshot() is of an older step, while the job trains on or rests as it did; all else here is of the job as it is now.
    bool looksBack() const;
    int64_t shownStep() const; // the job's, or the older one
    /// Whether panels of text, which takes a while to read, show snapshot(): while training runs one every few seconds, the same in all of them.
    bool isToBeRead() const { return m_toBeRead || looksBack(); }
    const ScalarHistory &history() const { return m_history; }
    const std::vector<Event> &events() const { return m_events; }
    std::filesystem::path path() const; // its folder; empty where it writes none

    void post(Command command);
    void play();
    void pause();
    void togglePlay();
    void stepOnce();
    void rewind();
    void askToRewind() { emit rewindAsked(); } // of the window, which asks the user in turn
    void saveCheckpoint();
    void extend(qint64 steps, ScheduleChange change);
    /// The model as it is now, as a file: saves a checkpoint and calls `done` with its path; of a failed job with that of the last good one. An
    /// empty path: there is none, since the job ended before it, or writes no run folder.
    void withCheckpoint(QObject *receiver, std::function<void(const std::filesystem::path &)> done);
    /// Asks the model something of a text, "answer/NAME"; the answer comes with every snapshot, of any later job too, while a panel wants
    /// that channel. Nothing: no longer.
    void ask(const std::string &channel, const std::optional<Question> &question);
    /// A visible panel declares the heavy channels it wants; an empty set withdraws it.
    void want(const QObject *panel, const std::set<std::string> &channels);

    /// From now on it takes its steps in turn with others, and what it is asked, both do; null: it is alone.
    void joinOthers(SideBySide *together, std::shared_ptr<Turns> turns, int place);

    /// Puts a snapshot that no running job published in front of the panels.
    void show(SnapshotPtr snapshot);
    /// The same of steps.
    void show(const std::vector<ScalarRow> &rows) { take(rows); }

signals:
    void jobStarted();
    void jobStopped();
    void statusChanged();
    void snapshotReady();
    void shownStepChanged(); // another older step is looked at, or none any more
    void rowsAppended(int count);
    void historyReset(); // rewound, resumed or another job: what was drawn from history() is void
    void eventHappened(const pretext::Event &event);
    void knobAcknowledged(const QString &name, qint64 step);
    void failed(const QString &message);
    void rewindAsked();
    void stepRefused(); // asked to train while it stands still

private:
    void launch();
    void retire();
    void readEarlierSteps();
    void postStep(Command command);
    void setPausing(bool pausing);
    void scheduleDrain();
    void drain();
    void take(const std::vector<ScalarRow> &rows);
    void take(const Event &event);
    void take(const Status &status);
    void updateWanted();
    void askForMissing();
    void showOlder();
    void giveCheckpoint(const std::filesystem::path &path);

    std::unique_ptr<Job> m_job;
    std::optional<TrainerOptions> m_next; // waits for the retiring job
    QThreadPool m_reaper;                 // joins retired trainers off the window's thread
    bool m_retiring = false;
    RunConfig m_config;
    std::shared_ptr<const Dataset> m_dataset;
    Status m_status;
    LookBack *m_lookBack;
    int64_t m_lookedAt = -1; // the older step
    SnapshotPtr m_snapshot;  // the newest
    SnapshotPace m_pace;
    ScalarHistory m_history;
    std::vector<Event> m_events;
    struct AwaitsCheckpoint
    {
        QPointer<QObject> receiver;
        std::function<void(const std::filesystem::path &)> done;
    };
    std::vector<AwaitsCheckpoint> m_awaiting;
    std::map<const QObject *, std::set<std::string>> m_wanted;
    std::map<std::string, Question> m_questions; // by channel
    SideBySide *m_together = nullptr;
    TakeTurns m_turns;
    QTimer *m_drainTimer;
    std::atomic<bool> m_told = false; // that there is something to drain
    QElapsedTimer m_sinceDrain, m_sinceRead;
    bool m_toBeRead = true, m_askedAgain = false, m_pausing = false;
};

} // namespace pretext
