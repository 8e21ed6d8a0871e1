// The window's end of the lanes: owns the job, drains its log and slots on the window's thread, and tells panels what happened. Panels
// know the job through this object only. Nothing here waits for the trainer but stop().
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
class QUndoStack;

namespace pretext {

class TrainingController : public QObject
{
    Q_OBJECT
public:
    explicit TrainingController(QObject *parent = nullptr);
    ~TrainingController() override;

    /// Asks the running job, if any, to end, and starts this one when it has. The data set is opened by the caller, so that errors are
    /// shown before anything stops.
    void start(TrainerOptions options);
    void stop(); // returns once the trainer has stopped
    bool hasJob() const { return m_job != nullptr; }

    /// The *requested* config: knob values as last asked for, and what waits for a restart.
    const RunConfig &config() const { return m_config; }
    /// What the running job was started with; its knobs are those acknowledged.
    const RunConfig &runningConfig() const { return m_running; }
    const KnobSet &runningKnobs() const { return m_running.knobs; }
    std::shared_ptr<const Dataset> dataset() const { return m_dataset; }
    /// The data of config(), opened; other data than dataset() while that waits for a restart.
    std::shared_ptr<const Dataset> askedDataset() const { return m_asked; }
    const Status &status() const { return m_status; }
    SnapshotPtr snapshot() const { return m_snapshot; }
    const ScalarHistory &history() const { return m_history; }
    const std::vector<Event> &events() const { return m_events; }
    QUndoStack *undoStack() const { return m_undo; }
    std::filesystem::path runPath() const;

    /// Asks for a knob value; undoable. A restart knob stays pending until applyAndRestart, and so does every knob while another method is asked
    /// for. Throws as KnobSet::set does.
    void setKnob(const std::string &name, const KnobValue &value);
    /// Asks for another method, encoder, batch, seed or data, pending until applyAndRestart; undoable. `text` names the change; `dataset` is
    /// the config's data, null where it is what was asked for before.
    void setConfig(const RunConfig &config, const QString &text, std::shared_ptr<const Dataset> dataset = {});
    bool isPending(const std::string &name) const;                 // asked for, not acknowledged yet (or waits for a restart)
    bool needsRestart() const;                                     // something asked for waits for applyAndRestart
    void discardPending();                                         // what waits for a restart goes back to the running values; undoable
    void applyAndRestart();                                        // the requested config, from new initial weights, as a new run
    bool mayStart() const { return !m_job && !m_next && m_asked; } // there is no job, but what one would be is known
    bool standsStill() const;                                      // there is no job, or it has ended or failed: nothing makes it take a step
    void cancel();                                                 // the job ends, and none follows; returns at once
    void play();
    void pause();
    void togglePlay();
    void stepOnce();
    void rewind();
    void saveCheckpoint();
    /// The model as it is now, as a file: saves a checkpoint and calls `done` with its path; of a failed job with that of the last good one. An
    /// empty path: there is none, since the job ended before it, or writes no run folder.
    void withCheckpoint(QObject *receiver, std::function<void(const std::filesystem::path &)> done);
    void extend(qint64 steps, ScheduleChange change);

    /// Asks the model something of a text, "answer/NAME"; the answer comes with every snapshot, of any later job too, while a panel wants
    /// that channel. Nothing: no longer.
    void ask(const std::string &channel, const std::optional<Question> &question);

    /// Where a restarted job writes; without it restarted jobs write nothing.
    void setRunPathMaker(std::function<std::filesystem::path(const RunConfig &)> maker) { m_makeRunPath = std::move(maker); }
    /// A panel asks for another data set: a name, a path, or "folder:" and "file:" to let the user choose; with a method that is to be
    /// proposed on it. Whoever opens data listens.
    void requestData(const QString &nameOrPath, const QString &method = {}) { emit dataRequested(nameOrPath, method); }
    /// The same data, read with other options; whoever opens data listens.
    void requestDataOptions(const DatasetOptions &options) { emit dataOptionsRequested(options); }
    /// A lesson asks for its session; whoever opens sessions listens.
    void requestSession(const QString &file) { emit sessionRequested(file); }
    /// A visible panel declares the heavy channels it wants; an empty set withdraws it.
    void want(const QObject *panel, const std::set<std::string> &channels);
    /// Puts a snapshot that no running job published in front of the panels.
    void show(SnapshotPtr snapshot)
    {
        m_snapshot = std::move(snapshot);
        emit snapshotReady();
    }
    /// The same of steps.
    void show(const std::vector<ScalarRow> &rows) { take(rows); }

signals:
    void jobStarted();
    void jobStopped();
    void statusChanged();
    void snapshotReady();
    void rowsAppended(int count);
    void historyReset(); // rewound, resumed or another job: what was drawn from history() is void
    void eventHappened(const pretext::Event &event);
    void knobAcknowledged(const QString &name, qint64 step);
    void knobRequested(const QString &name); // the requested value changed (also by undo)
    void configRequested();                  // method, encoder, batch, seed or data changed, and with them the declared knobs
    void dataRequested(const QString &nameOrPath, const QString &method);
    void dataOptionsRequested(const pretext::DatasetOptions &options);
    void sessionRequested(const QString &file);
    void failed(const QString &message);
    void stepRefused(); // asked to train while it stands still

private:
    friend class KnobChange;
    friend class ConfigChange;
    void requestKnob(const std::string &name, const KnobValue &value);
    void requestConfig(const RunConfig &config, std::shared_ptr<const Dataset> dataset);
    void launch();
    void retire();
    void readEarlierSteps();
    void post(Command command);
    void postStep(Command command);
    void scheduleDrain();
    void drain();
    void take(const std::vector<ScalarRow> &rows);
    void take(const Event &event);
    void updateWanted();
    void giveCheckpoint(const std::filesystem::path &path);

    std::unique_ptr<Job> m_job;
    std::optional<TrainerOptions> m_next; // waits for the retiring job
    QThreadPool m_reaper;                 // joins retired trainers off the window's thread
    bool m_retiring = false;
    RunConfig m_config, m_running;
    std::map<std::string, KnobValue> m_posted;         // what the running job was told, and has not acknowledged
    std::shared_ptr<const Dataset> m_dataset, m_asked; // of m_running and of m_config
    Status m_status;
    SnapshotPtr m_snapshot;
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
    std::function<std::filesystem::path(const RunConfig &)> m_makeRunPath;
    QTimer *m_drainTimer;
    std::atomic<bool> m_told = false; // that there is something to drain
    QElapsedTimer m_sinceDrain;
    QUndoStack *m_undo;
    int m_undoData = 0; // changes of the data set that can be undone
};

} // namespace pretext
