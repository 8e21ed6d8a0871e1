// The window's end of the lanes: owns the job, drains its log and slots on the window's thread, and tells panels what happened. Panels
// know the job through this object only.
#pragma once

#include "core/engine/trainer.h"

#include <QObject>
#include <QSet>
#include <QString>

#include <memory>
#include <optional>
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

    /// Ends the running job, if any, and starts this one. The data set is opened by the caller so that errors are shown before anything stops.
    void start(TrainerOptions options);
    void stop(); // returns once the trainer has stopped
    bool hasJob() const { return m_job != nullptr; }

    /// The running job's config with the *requested* knob values; `runningKnobs` are those acknowledged.
    const RunConfig &config() const { return m_config; }
    const KnobSet &runningKnobs() const { return m_runningKnobs; }
    std::shared_ptr<const Dataset> dataset() const { return m_dataset; }
    const Status &status() const { return m_status; }
    SnapshotPtr snapshot() const { return m_snapshot; }
    const std::vector<ScalarRow> &rows() const { return m_rows; }
    const std::vector<Event> &events() const { return m_events; }
    QUndoStack *undoStack() const { return m_undo; }
    std::filesystem::path runPath() const;

    /// Asks for a knob value; undoable. A restart knob stays pending until applyAndRestart.
    void setKnob(const std::string &name, const KnobValue &value);
    bool isPending(const std::string &name) const; // asked for, not acknowledged yet (or waits for a restart)
    void applyAndRestart();                        // same config with the pending knobs, from new initial weights
    void play();
    void pause();
    void togglePlay();
    void stepOnce();
    void rewind();
    void saveCheckpoint();
    void extend(qint64 steps);

    /// A visible panel declares the heavy channels it wants; an empty set withdraws it.
    void want(const QObject *panel, const std::set<std::string> &channels);
    /// Puts a snapshot that no running job published in front of the panels.
    void show(SnapshotPtr snapshot) { m_snapshot = std::move(snapshot); emit snapshotReady(); }

signals:
    void jobStarted();
    void jobStopped();
    void statusChanged();
    void snapshotReady();
    void rowsAppended(int count);
    void eventHappened(const pretext::Event &event);
    void knobAcknowledged(const QString &name, qint64 step);
    void knobRequested(const QString &name);       // the requested value changed (also by undo)
    void failed(const QString &message);

private:
    void drain();
    void requestKnob(const std::string &name, const KnobValue &value);
    friend class KnobCommand;

    std::unique_ptr<Job> m_job;
    RunConfig m_config;
    KnobSet m_runningKnobs;
    std::shared_ptr<const Dataset> m_dataset;
    Status m_status;
    SnapshotPtr m_snapshot;
    std::vector<ScalarRow> m_rows;
    std::vector<Event> m_events;
    std::map<const QObject *, std::set<std::string>> m_wanted;
    QTimer *m_drainTimer;
    QUndoStack *m_undo;
};

} // namespace pretext
