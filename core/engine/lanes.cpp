#include "core/engine/lanes.h"

#include <algorithm>

namespace pretext {

void Log::append(ScalarRow row)
{
    std::lock_guard lock(m_mutex);
    m_pending.rows.push_back(std::move(row));
}

void Log::append(Event event)
{
    std::lock_guard lock(m_mutex);
    m_pending.events.push_back(std::move(event));
}

Log::Drained Log::drain()
{
    std::lock_guard lock(m_mutex);
    return std::exchange(m_pending, {});
}

void CommandQueue::post(Command command)
{
    {
        std::lock_guard lock(m_mutex);
        const std::string key = keyOf(command);
        const auto older = std::find_if(m_pending.begin(), m_pending.end(), [&](const Command &c) { return keyOf(c) == key; });
        if (older != m_pending.end()) {
            command = merged(*older, std::move(command));
            m_pending.erase(older);
        }
        m_pending.push_back(std::move(command));
    }
    m_arrived.notify_one();
}

std::vector<Command> CommandQueue::takeAll()
{
    std::lock_guard lock(m_mutex);
    return std::exchange(m_pending, {});
}

std::vector<Command> CommandQueue::waitAndTakeAll(std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    m_arrived.wait(lock, stop, [this] { return !m_pending.empty(); });
    return std::exchange(m_pending, {});
}

void Wanted::set(std::set<std::string> channels)
{
    std::lock_guard lock(m_mutex);
    m_channels = std::move(channels);
}

bool Wanted::wants(const std::string &channel) const
{
    std::lock_guard lock(m_mutex);
    return m_channels.contains(channel);
}

bool Wanted::any() const
{
    std::lock_guard lock(m_mutex);
    return !m_channels.empty();
}

} // namespace pretext
