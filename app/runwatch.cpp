#include "app/runwatch.h"

#include "core/engine/openmarker.h"
#include "widgets/background.h"
#include "widgets/metrics/overlaidrun.h"

#include <optional>
#include <utility>

namespace pretext {

namespace {

constexpr int kLookMs = 1000;

struct Seen
{
    QString run;
    std::string writer;
    bool standsStill;
    std::optional<RunConfig> settings;
};

Seen seenOf(const QString &run)
{
    Seen seen{run, writtenBy(run.toStdString()), standsStill(run.toStdString()), {}};
    try {
        seen.settings = settingsOf(run.toStdString());
    } catch (const std::exception &) {
        // it is being written; the next look tells
    }
    return seen;
}

} // namespace

RunWatch::RunWatch(QObject *parent) : QObject(parent)
{
    connect(&m_timer, &QTimer::timeout, this, &RunWatch::look);
}

void RunWatch::watch(const QString &run, bool standsStill)
{
    m_run = run;
    m_standsStill = standsStill;
    m_timer.start(kLookMs);
    look();
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
        this, [run = m_run] { return seenOf(run); },
        [this](const Seen &seen) {
            m_looking = false;
            if (seen.run != m_run)
                return;
            if (seen.settings)
                emit settingsRead(*seen.settings);
            if (!seen.writer.empty()) {
                if (std::exchange(m_standsStill, seen.standsStill) != seen.standsStill)
                    emit changed(seen.run, QString::fromStdString(seen.writer), seen.standsStill);
                return;
            }
            forget();
            emit ended(seen.run);
        },
        [this](const QString &) { m_looking = false; });
}

} // namespace pretext
