// The runs that are open in the window, what is asked for of each, and what a panel may wish of the window: other data, a session.
#pragma once

#include "widgets/request.h"
#include "widgets/run.h"
#include "widgets/sidebyside.h"

#include <QObject>
#include <QStringList>

#include <vector>

namespace pretext {

class Workbench : public QObject
{
    Q_OBJECT
public:
    explicit Workbench(QObject *parent = nullptr) : QObject(parent) {}
    ~Workbench() override;

    /// Another run, without a job yet. The first is the current one.
    Run *add();
    const std::vector<Run *> &runs() const { return m_runs; }
    /// The run that menus act on and files are opened in; null before the first is added.
    Run *current() const { return m_runs.empty() ? nullptr : m_runs.front(); }
    /// What is asked for of a run of this workbench.
    Request *requestOf(const Run *run) const { return m_requests.at(run); }
    void stop(); // every run; returns once the trainers have stopped

    /// Puts another run beside the current one, in lock-step with it, in the place of the one that stands there.
    void putBeside(TrainerOptions options);
    /// The current run stands alone again; the other is stopped, with its last step saved.
    void endSideBySide();
    SideBySide *sideBySide() const { return m_sideBySide; } // null: the current run stands alone
    /// A panel asks for a run beside the current one; whoever opens runs listens.
    void requestBeside(const QString &folder) { emit besideRequested(folder); }
    /// To go on with one of the two, with the right one or the left.
    void requestAlone(bool right) { emit aloneRequested(right); }

    /// Where restarted jobs write; without it they write nothing.
    void setRunPathMaker(Request::RunPathMaker maker) { m_makeRunPath = std::move(maker); }

    /// A panel asks for another data set: a name, a path, or "folder:" and "file:" to let the user choose; with a method that is to be
    /// proposed on it. Whoever opens data listens.
    void requestData(const QString &nameOrPath, const QString &method = {}) { emit dataRequested(nameOrPath, method); }
    /// The same data, read with other options; whoever opens data listens.
    void requestDataOptions(const DatasetOptions &options) { emit dataOptionsRequested(options); }
    /// A panel asks for what the run had at a step: to go on from there, or to begin another run with it. Whoever opens runs listens.
    void requestStep(qint64 step) { emit stepRequested(step); }
    /// Of any run: to begin another with what it has at its newest step, or at one that the user is asked for.
    void requestFork(const QString &run, bool asksForStep) { emit forkRequested(run, asksForStep); }
    /// A lesson asks for its session; whoever opens sessions listens.
    void requestSession(const QString &file) { emit sessionRequested(file); }
    /// A panel asks for a run to go on with, and for runs to be drawn beside each other; whoever opens runs and knows the other panels listens.
    void requestRun(const QString &folder) { emit runRequested(folder); }
    void requestComparison(const QStringList &folders) { emit comparisonRequested(folders); }
    /// A panel has read the list of runs: what they take on disk. Whoever shows that listens.
    void tellDiskUsed(qint64 bytes) { emit diskUsed(bytes); }
    /// A panel has seen that runs came which another process makes. Whoever measures what they take listens.
    void tellRunsCame() { emit runsCame(); }

signals:
    void dataRequested(const QString &nameOrPath, const QString &method);
    void dataOptionsRequested(const pretext::DatasetOptions &options);
    void stepRequested(qint64 step);
    void forkRequested(const QString &run, bool asksForStep);
    void sessionRequested(const QString &file);
    void runRequested(const QString &folder);
    void comparisonRequested(const QStringList &folders);
    void diskUsed(qint64 bytes);
    void runsCame();
    void besideRequested(const QString &folder);
    void aloneRequested(bool right);
    void besideAdded(pretext::Run *run); // the first time
    void sideBySideChanged();            // begun or ended
    void sideBySideEnds();               // what is made for the right run goes now

private:
    std::vector<Run *> m_runs; // children of this, as their requests are
    std::map<const Run *, Request *> m_requests;
    Run *m_right = nullptr; // once there was one
    SideBySide *m_sideBySide = nullptr;
    Request::RunPathMaker m_makeRunPath;
};

} // namespace pretext
