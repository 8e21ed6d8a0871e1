#include "app/runkeeper.h"

#include "widgets/run.h"

#include <numeric>
#include <utility>

namespace pretext {

RunKeeper::RunKeeper(QObject *parent) : QObject(parent), m_root(runsRoot())
{
    m_files.setMaxThreadCount(1);
}

std::filesystem::path RunKeeper::newPath(const RunConfig &config)
{
    return *m_given.insert(newRunPath(m_root, config, QDateTime::currentDateTime(), m_given)).first;
}

void RunKeeper::follow(Run *run)
{
    connect(run, &Run::statusChanged, this, [this, run] { mark(run); });
    connect(run, &Run::jobStopped, this, [this, run] { unmark(run); });
    connect(run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "checkpoint")
            measureDisk();
    });
}

RunKeeper::~RunKeeper()
{
    finish();
}

void RunKeeper::mark(const Run *run)
{
    // The folder exists once the trainer has begun.
    const std::filesystem::path folder = run->path();
    const TrainerState state = run->status().state;
    if (folder.empty() || folder == m_marked[run] || state == TrainerState::starting || state == TrainerState::failed)
        return;
    m_marked[run] = folder;
    m_files.start([folder] { writeMarker(folder); });
}

void RunKeeper::unmark(const Run *run)
{
    if (const std::filesystem::path folder = std::exchange(m_marked[run], {}); !folder.empty())
        m_files.start([folder] { removeMarker(folder); });
}

void RunKeeper::forget(const std::filesystem::path &run)
{
    m_files.start([run] { removeMarker(run); });
}

void RunKeeper::findCrashed()
{
    m_files.start([this, root = m_root] {
        for (const RunEntry &run : listRuns(root)) {
            if (!run.crashed)
                continue;
            if (run.hasCheckpoint) {
                const QString path = QString::fromStdString(run.path.string());
                QMetaObject::invokeMethod(
                    this, [this, path] { emit crashedFound(path); }, Qt::QueuedConnection);
                return;
            }
            removeMarker(run.path); // it has nothing to go back to
        }
    });
}

void RunKeeper::measureDisk()
{
    m_files.start([this, root = m_root] {
        const auto runs = listRuns(root);
        const qint64 bytes = std::accumulate(runs.begin(), runs.end(), qint64(0), [](qint64 sum, const RunEntry &run) { return sum + run.bytes; });
        QMetaObject::invokeMethod(
            this, [this, bytes] { emit diskMeasured(bytes); }, Qt::QueuedConnection);
    });
}

void RunKeeper::finish()
{
    m_files.waitForDone();
}

} // namespace pretext
