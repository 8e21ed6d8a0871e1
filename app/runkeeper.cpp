#include "app/runkeeper.h"

#include "widgets/trainingcontroller.h"

#include <numeric>

namespace pretext {

RunKeeper::RunKeeper(TrainingController *controller, QObject *parent) : QObject(parent), m_controller(controller), m_root(runsRoot())
{
    m_files.setMaxThreadCount(1);
    connect(controller, &TrainingController::statusChanged, this, &RunKeeper::mark);
    connect(controller, &TrainingController::jobStopped, this, &RunKeeper::unmark);
    connect(controller, &TrainingController::eventHappened, this, [this](const Event &event) {
        if (event.kind == "checkpoint")
            measureDisk();
    });
}

RunKeeper::~RunKeeper()
{
    finish();
}

void RunKeeper::mark()
{
    // The folder exists once the trainer has begun.
    const auto run = m_controller->runPath();
    if (run.empty() || run == m_marked || m_controller->status().state == TrainerState::starting || m_controller->status().state == TrainerState::failed)
        return;
    m_marked = run;
    m_files.start([run] { writeMarker(run); });
}

void RunKeeper::unmark()
{
    if (!m_marked.empty())
        m_files.start([run = m_marked] { removeMarker(run); });
    m_marked.clear();
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
