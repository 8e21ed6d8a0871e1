// Opens data sets, sessions and runs off the window's thread, and starts the job once everything was opened: until then the running job is
// untouched. Data that the running method cannot train on are proposed with one that can, and wait for a restart.
#pragma once

#include "app/opened.h"

#include <QObject>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace pretext {

class RunKeeper;
class Workbench;
class Request;
class Run;

class Opener : public QObject
{
    Q_OBJECT
public:
    Opener(Workbench *workbench, RunKeeper *runs, QObject *parent = nullptr);
    ~Opener() override { ++*m_latest; }

    void setStartPaused(bool paused) { m_paused = paused; }
    void openDefault();
    /// A table of several columns asks first which is the text. `method`: to be proposed on the data.
    void openData(const QString &nameOrPath, const QString &method = {});
    /// The data that are asked for, read with other options; the controls show what waits for a restart.
    void reopenData(const DatasetOptions &options);
    /// Of a run that was shared, also what goes on from its weights.
    void openSession(const QString &file);
    /// The text of a run that was shared.
    void openText(const QString &text);
    void openRun(const QString &runOrCheckpoint, bool paused = true, bool dataMayDiffer = false);
    /// The run goes on from one of its steps, or another begins with what it had there; paused.
    void openStep(const QString &run, qint64 step, bool fork);
    /// The run, or what is forked from it at a step, stands beside the current one; paused.
    void openBeside(const QString &run, std::optional<qint64> forkedAt = {}, const std::vector<std::string> &apart = {});
    /// A session file, a run folder, or data; a refusal says what can be opened.
    void openAny(const QString &path);

signals:
    void working(const QString &what); // "Opening fashion-mnist …"
    /// mayBeExtended: it stands at its planned end; parted: beside it is a fork from that step, which it has left behind.
    void opened(const QString &path, const QString &note, bool mayBeExtended = false, std::optional<qint64> parted = {});
    void proposed(const QString &line);
    void columnWanted(const QString &table, const QStringList &columns, int usual); // answered by openData(table#column)
    void forked(const QString &parent);
    void sessionOpened(const pretext::Session &session);
    void pairWanted(const pretext::Session &session);                                // of two runs that are there
    void dataChanged(const QString &run, const QString &line);                       // answered by openRun(run, true, true), or not at all
    void openElsewhere(const QString &run, const QString &writer, bool standsStill); // in another process; it can be looked at
    void refused(const QString &line);

private:
    void openTable(const QString &path);
    void propose(const Opened &opened);
    void open(const QString &shown, std::function<Opened()> work);
    void startJob(Opened opened);

    Workbench *m_workbench;
    Run *m_run; // the current one
    Request *m_request;
    RunKeeper *m_runs;
    bool m_paused = false, m_any = false; // the path under way may be of any kind
    /// An older request is ended, and dropped where it finishes nevertheless.
    std::shared_ptr<std::atomic<int>> m_latest = std::make_shared<std::atomic<int>>(0);
};

} // namespace pretext
