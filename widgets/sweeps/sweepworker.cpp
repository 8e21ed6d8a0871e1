#include "widgets/sweeps/sweepworker.h"

#include "core/engine/config.h"
#include "core/system/process.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <utility>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace pretext {

namespace {

constexpr int kSweepNiceness = 5; // the window answers first
constexpr int kEndMs = 20'000;    // for the checkpoint of the trial under way

} // namespace

SweepWorker::SweepWorker(QObject *parent) : QObject(parent)
{
    m_process.setStandardInputFile(QProcess::nullDevice());
    m_process.setStandardOutputFile(QProcess::nullDevice());
    m_process.setChildProcessModifier([] {
        ::setpriority(PRIO_PROCESS, 0, kSweepNiceness);
        ::prctl(PR_SET_PDEATHSIG,
                SIGKILL); // a window that is killed leaves no process behind, not even one that is paused; nothing but steps since a checkpoint is lost
    });
    connect(&m_process, &QProcess::finished, this, [this](int status) { ended(status); });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            emit failed(m_process.errorString());
    });
}

SweepWorker::~SweepWorker()
{
    m_process.disconnect(this);
    if (!isRunning())
        return;
    stop();
    if (!m_process.waitForFinished(kEndMs))
        m_process.kill();
    m_process.waitForFinished();
}

void SweepWorker::begin(const std::filesystem::path &folder, const QStringList &arguments)
{
    start(folder, arguments);
}

void SweepWorker::goOn(const std::filesystem::path &folder)
{
    start(folder, {});
}

void SweepWorker::start(const std::filesystem::path &folder, const QStringList &arguments)
{
    if (isRunning())
        return;
    const std::string program = findProgram("pretext");
    if (program.empty()) {
        emit failed(tr("The program pretext is not beside this one, so that no sweep can be trained."));
        return;
    }
    m_folder = folder;
    m_paused = false;
    m_process.start(QString::fromStdString(program), QStringList{"sweep"} + arguments + QStringList{"--out", QString::fromStdString(folder.string())});
    emit changed();
}

void SweepWorker::setPaused(bool paused)
{
    if (!isRunning() || paused == m_paused)
        return;
    ::kill(pid_t(m_process.processId()), paused ? SIGSTOP : SIGCONT);
    m_paused = paused;
    emit changed();
}

void SweepWorker::stop()
{
    if (!isRunning())
        return;
    m_process.terminate();
    ::kill(pid_t(m_process.processId()), SIGCONT); // so that one that is paused hears of it
    m_paused = false;
    emit changed();
}

void SweepWorker::ended(int status)
{
    m_paused = false;
    const QString told = QString::fromUtf8(m_process.readAllStandardError()).trimmed();
    if (status != 0) {
        QString line = told.section('\n', -1);
        line.remove(QStringLiteral("pretext sweep: "));
        emit failed(line.isEmpty() ? tr("The process that trained was ended.") : line);
    }
    emit changed();
}

} // namespace pretext
