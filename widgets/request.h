// What is asked for of a run: method, data and knobs as the controls have them. A live knob is posted at once; the rest waits, beside the running
// values, for a restart. Every change can be undone.
#pragma once

#include "core/engine/config.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

class QUndoStack;

namespace pretext {

class Run;

class Request : public QObject
{
    Q_OBJECT
public:
    /// Where a restarted job writes; an empty path: nowhere.
    using RunPathMaker = std::function<std::filesystem::path(const RunConfig &)>;
    Request(Run *run, RunPathMaker makeRunPath, QObject *parent = nullptr);

    Run &run() const { return *m_run; }
    const RunConfig &config() const { return m_config; }
    /// The data of config(), opened; other data than the run's while that waits for a restart.
    std::shared_ptr<const Dataset> dataset() const { return m_dataset; }
    QUndoStack *undoStack() const { return m_undo; }

    /// Shows the settings of a run that another process trains; they cannot be changed. Until a job starts, and only while there is none.
    void watch(const RunConfig &config);
    bool isWatching() const { return m_watching; }

    /// Asks for a knob value; undoable. A restart knob stays pending until applyAndRestart, and so does every knob while another method is asked
    /// for. Throws as KnobSet::set does.
    void setKnob(const std::string &name, const KnobValue &value);
    /// Asks for another method, encoder, batch, seed or data, pending until applyAndRestart; undoable. `text` names the change; `dataset` is
    /// the config's data, null where it is what was asked for before.
    void setConfig(const RunConfig &config, const QString &text, std::shared_ptr<const Dataset> dataset = {});
    bool isPending(const std::string &name) const; // asked for, not acknowledged yet (or waits for a restart)
    bool needsRestart() const;                     // something asked for waits for applyAndRestart
    bool mayStart() const;                         // there is no job, but what one would be is known
    void discardPending();                         // what waits for a restart goes back to the running values; undoable
    void applyAndRestart();                        // the requested config, from new initial weights, as a new run

    /// A knob for which `linked` says so is asked for of the other, too; null: it is alone.
    void linkTo(Request *other, std::function<bool(const std::string &knob)> linked);

    /// Changes are undone with those of another, in the order in which they were made; null: alone again.
    void shareHistory(QUndoStack *history);

signals:
    void knobRequested(const QString &name); // the requested value changed (also by undo)
    void configRequested();                  // method, encoder, batch, seed or data changed, and with them the declared knobs

private:
    friend class KnobChange;
    friend class ConfigChange;
    void requestKnob(const std::string &name, const KnobValue &value);
    void askFor(const std::string &name, const KnobValue &value);
    bool isShared(const std::string &name) const { return m_other && m_linked(name); }
    void requestConfig(const RunConfig &config, std::shared_ptr<const Dataset> dataset);
    void takeRunning();
    void forgetHistory();

    Run *m_run;
    RunPathMaker m_makeRunPath;
    RunConfig m_config;
    bool m_watching = false;
    std::shared_ptr<const Dataset> m_dataset;
    std::map<std::string, KnobValue> m_posted; // what the running job was told, and has not acknowledged
    QUndoStack *m_own, *m_undo;                // the second is another's while it shares that
    Request *m_other = nullptr;                // beside it
    std::function<bool(const std::string &)> m_linked;
    int m_undoData = 0; // changes of the data set that can be undone
};

} // namespace pretext
