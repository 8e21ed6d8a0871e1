#include "app/runwatch.h"

#include "app/runs.h"
#include "widgets/background.h"

namespace pretext {

namespace {
constexpr int kLookMs = 1000;
}

RunWatch::RunWatch(QObject *parent) : QObject(parent)
{
    connect(&m_timer, &QTimer::timeout, this, &RunWatch::look);
}

void RunWatch::watch(const QString &run)
{
    m_run = run;
    m_timer.start(kLookMs);
}

void RunWatch::forget()
{
    m_timer.stop();
    m_run.clear();
}

/// Off the window's thread: the folder may lie on another machine.
void RunWatch::look()
{
    if (m_looking)
        return;
    m_looking = true;
    inBackground(
        this, [run = m_run] { return std::pair(run, trainedBy(run.toStdString())); },
        [this](const std::pair<QString, std::string> &found) {
            m_looking = false;
            if (found.first != m_run || !found.second.empty())
                return;
            forget();
            emit ended(found.first);
        },
        [this](const QString &) { m_looking = false; });
}

} // namespace pretext
