#include "core/engine/phaseclock.h"

namespace pretext {

namespace {

constexpr double kKeep = 0.9; // of the old mean at each step

double milliseconds(std::chrono::steady_clock::duration span)
{
    return std::chrono::duration<double, std::milli>(span).count();
}

} // namespace

void PhaseClock::begin()
{
    m_step = {};
    m_begin = m_last = Clock::now();
}

void PhaseClock::mark(double Timings::*phase)
{
    const auto now = Clock::now();
    m_step.*phase += milliseconds(now - m_last);
    m_last = now;
}

void PhaseClock::end(double samples)
{
    m_step.total = milliseconds(Clock::now() - m_begin);
    m_step.samplesPerSecond = m_step.total > 0 ? 1000 * samples / m_step.total : 0;
    const bool first = m_smoothed.total == 0;
    for (double Timings::*phase : {&Timings::data, &Timings::forward, &Timings::backward, &Timings::optimizer, &Timings::snapshot, &Timings::total,
                                   &Timings::samplesPerSecond})
        m_smoothed.*phase = first ? m_step.*phase : kKeep * m_smoothed.*phase + (1 - kKeep) * m_step.*phase;
}

} // namespace pretext
