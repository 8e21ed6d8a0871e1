// What a thread that computes for a panel and the window tell each other: how far it is, and to give up.
#pragma once

#include <QString>

#include <mutex>
#include <string>

namespace pretext {

class Progressing
{
public:
    /// False: give up.
    bool report(const std::string &what, double share)
    {
        const std::lock_guard lock(m_mutex);
        m_what = QStringLiteral("%1: %2 %").arg(QString::fromStdString(what)).arg(qRound(100 * share));
        return !m_cancelled;
    }
    void cancel()
    {
        const std::lock_guard lock(m_mutex);
        m_cancelled = true;
    }
    bool cancelled() const
    {
        const std::lock_guard lock(m_mutex);
        return m_cancelled;
    }
    QString what() const
    {
        const std::lock_guard lock(m_mutex);
        return m_what;
    }

private:
    mutable std::mutex m_mutex;
    QString m_what;
    bool m_cancelled = false;
};

} // namespace pretext
