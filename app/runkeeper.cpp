#include "app/runkeeper.h"

#include "core/engine/findcheckpoint.h"
#include "core/engine/openmarker.h"
#include "widgets/run.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

/// Takes it into the user's list of runs as it is now. Without the list it is a run all the same.
void tryToRecord(const std::filesystem::path &run)
{
    try {
        recordRun(userRuns(), run);
    } catch (const std::exception &) {
        // the panel of runs says what is wrong with the list
    }
}

/// The run that it was forked from, where that was left open by the same crash: they stood side by side. Else empty.
QString crashedParentOf(const std::filesystem::path &run)
{
    try {
        const auto parent = loadConfig(run / "config.json", Contradictions::settle).parent;
        return parent && wasLeftOpen(parent->run) && !isWithoutCheckpoint(parent->run) ? QString::fromStdString(parent->run.string()) : QString();
    } catch (const std::exception &) {
        return {}; // opening it says what is wrong
    }
}

} // namespace

RunKeeper::RunKeeper(QObject *parent) : QObject(parent), m_root(runsRoot())
{
    m_files.setMaxThreadCount(1);
    m_disk.setMaxThreadCount(1);
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
    *m_ending = true;
    m_disk.waitForDone();
}

void RunKeeper::mark(const Run *run)
{
    // The folder exists once the trainer has begun.
    const std::filesystem::path folder = run->path();
    const TrainerState state = run->status().state;
    if (folder.empty() || folder == m_marked[run] || state == TrainerState::starting || state == TrainerState::failed)
        return;
    m_marked[run] = folder;
    m_files.start([folder] {
        writeMarker(folder);
        tryToRecord(folder);
    });
}

void RunKeeper::unmark(const Run *run)
{
    if (const std::filesystem::path folder = std::exchange(m_marked[run], {}); !folder.empty())
        m_files.start([folder] {
            removeMarker(folder);
            tryToRecord(folder);
        });
}

void RunKeeper::forget(const std::filesystem::path &run)
{
    m_files.start([run] { removeMarker(run); });
}

void RunKeeper::findCrashed()
{
    m_files.start([this] {
        std::vector<std::filesystem::path> runs = userRuns().folders(); // of the window's own the names begin with the date
        std::ranges::reverse(runs);
        for (const std::filesystem::path &run : runs) {
            if (!wasLeftOpen(run))
                continue;
            if (!isWithoutCheckpoint(run)) {
                const QString path = QString::fromStdString(run.string()), parent = crashedParentOf(run);
                QMetaObject::invokeMethod(
                    this, [this, path, parent] { parent.isEmpty() ? emit crashedFound(path) : emit crashedPairFound(parent, path); }, Qt::QueuedConnection);
                return;
            }
            removeMarker(run); // it has nothing to go back to
        }
    });
}

/// The sum that the panel of runs has, on a thread of its own: it may look at thousands of folders.
void RunKeeper::measureDisk()
{
    if (std::exchange(m_measuring, true)) {
        m_measuresAgain = true;
        return;
    }
    m_disk.start([this, root = m_root, ending = m_ending] {
        const auto bytes = qint64(bytesOfUsersRuns(root, [&](size_t, size_t) { return !*ending; }));
        QMetaObject::invokeMethod(
            this,
            [this, bytes] {
                m_measuring = false;
                emit diskMeasured(bytes);
                if (std::exchange(m_measuresAgain, false))
                    measureDisk();
            },
            Qt::QueuedConnection);
    });
}

void RunKeeper::finish()
{
    m_files.waitForDone();
}

} // namespace pretext
