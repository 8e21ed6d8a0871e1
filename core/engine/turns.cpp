#include "core/engine/turns.h"

#include <algorithm>
#include <utility>

namespace pretext {

void Turns::expect(const std::vector<int> &places)
{
    {
        std::lock_guard lock(m_mutex);
        const bool together = std::ranges::none_of(m_seats, [](const Seated &one) { return one.seat == Seat::plays; });
        const int64_t most = together ? 0 : mostTaken();
        if (together)
            m_lookedAt = -1;
        for (const int place : places) {
            Seated &one = m_seats[size_t(place)];
            if (one.seat != Seat::plays)
                one.seat = Seat::comes; // also who is yet to take its place: else the others would go ahead of it
        }
        for (Seated &one : m_seats)
            if (together || one.seat == Seat::comes)
                one.taken = most;
        m_last.reset();
    }
    m_changed.notify_all();
}

void Turns::endRound()
{
    {
        std::lock_guard lock(m_mutex);
        const int64_t most = mostTaken();
        m_last = m_stepping >= 0 && m_seats[size_t(m_stepping)].taken == most ? most + 1 : most;
    }
    m_changed.notify_all();
}

bool Turns::isOver(int place) const
{
    return m_last && m_seats[size_t(place)].taken >= *m_last;
}

int64_t Turns::mostTaken() const
{
    int64_t most = 0;
    for (const Seated &one : m_seats)
        if (one.seat == Seat::plays)
            most = std::max(most, one.taken);
    return most;
}

/// Whoever has taken the fewest steps, the first of those.
bool Turns::mayStep(int place) const
{
    if (m_stepping >= 0)
        return m_stepping == place;
    if (isOver(place))
        return false;
    const Seated &own = m_seats[size_t(place)];
    for (int other = 0; other < int(m_seats.size()); ++other) {
        const Seated &one = m_seats[size_t(other)];
        if (one.seat == Seat::comes)
            return false;
        if (one.seat == Seat::plays && (one.taken < own.taken || (one.taken == own.taken && other < place)))
            return false;
    }
    return true;
}

Turn::Turn(std::shared_ptr<Turns> turns, int place) : m_turns(std::move(turns)), m_place(place)
{
    std::lock_guard lock(m_turns->m_mutex);
    if (Turns::Seated &own = m_turns->m_seats[size_t(place)]; own.seat != Turns::Seat::comes)
        own.seat = Turns::Seat::rests;
}

Turn::~Turn()
{
    rest();
    std::lock_guard lock(m_turns->m_mutex);
    m_turns->m_seats[size_t(m_place)].seat = Turns::Seat::gone;
}

void Turn::play()
{
    {
        std::lock_guard lock(m_turns->m_mutex);
        Turns::Seated &own = m_turns->m_seats[size_t(m_place)];
        if (own.seat == Turns::Seat::rests) { // nobody was to wait for it: it joins those that go on
            own.taken = std::max(own.taken, m_turns->mostTaken());
            m_turns->m_last.reset();
        }
        own.seat = Turns::Seat::plays;
    }
    m_turns->m_changed.notify_all();
}

void Turn::rest()
{
    {
        std::lock_guard lock(m_turns->m_mutex);
        m_turns->m_seats[size_t(m_place)].seat = Turns::Seat::rests;
        if (m_turns->m_stepping == m_place)
            m_turns->m_stepping = -1;
    }
    m_turns->m_changed.notify_all();
}

bool Turn::wait(std::stop_token stop)
{
    std::unique_lock lock(m_turns->m_mutex);
    const auto mayStep = [this] { return m_turns->mayStep(m_place); };
    if (!m_turns->m_changed.wait(lock, stop, [this, mayStep] { return mayStep() || m_turns->isOver(m_place); }))
        return false;
    if (mayStep())
        m_turns->m_stepping = m_place;
    return true;
}

bool Turn::isMine() const
{
    std::lock_guard lock(m_turns->m_mutex);
    return m_turns->m_stepping == m_place;
}

bool Turn::isOver() const
{
    std::lock_guard lock(m_turns->m_mutex);
    return m_turns->isOver(m_place);
}

void Turn::pass()
{
    {
        std::lock_guard lock(m_turns->m_mutex);
        ++m_turns->m_seats[size_t(m_place)].taken;
        m_turns->m_stepping = -1;
    }
    m_turns->m_changed.notify_all();
}

bool Turn::owes() const
{
    std::lock_guard lock(m_turns->m_mutex);
    return m_turns->m_last && !m_turns->isOver(m_place);
}

bool Turn::looks(bool due)
{
    std::lock_guard lock(m_turns->m_mutex);
    const int64_t own = m_turns->m_seats[size_t(m_place)].taken;
    const bool follows =
        std::ranges::any_of(m_turns->m_seats, [own](const Turns::Seated &other) { return other.seat == Turns::Seat::plays && other.taken > own; });
    if (follows)
        return m_turns->m_lookedAt == own;
    if (due)
        m_turns->m_lookedAt = own;
    return due;
}

} // namespace pretext
