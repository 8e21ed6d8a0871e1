#include "core/engine/phaseclock.h"

#include "core/engine/profiler.h"

#include <algorithm>

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
    if (m_profiler)
        m_profiler->beginStep();
    m_begin = m_last = Clock::now();
}

void PhaseClock::mark(double Timings::*phase)
{
    const auto now = Clock::now();
    m_step.*phase += milliseconds(now - m_last);
    if (m_profiler) {
        const auto known = std::find_if(std::begin(kStepPhases), std::end(kStepPhases), [&](const StepPhase &p) { return p.time == phase; });
        m_profiler->endPhase(size_t(known - std::begin(kStepPhases)), m_last, now);
    }
    m_last = now;
}

void PhaseClock::end(double samples)
{
    m_step.total = milliseconds(m_last - m_begin);
    m_step.samplesPerSecond = m_step.total > 0 ? 1000 * samples / m_step.total : 0;
    const bool first = m_smoothed.total == 0;
    const auto smooth = [&](double Timings::*time) { m_smoothed.*time = first ? m_step.*time : kKeep * m_smoothed.*time + (1 - kKeep) * m_step.*time; };
    for (const StepPhase &phase : kStepPhases)
        smooth(phase.time);
    smooth(&Timings::total);
    smooth(&Timings::samplesPerSecond);
    if (m_profiler)
        m_profiler->endStep(m_begin, m_last);
}

void PhaseClock::reset()
{
    m_step = m_smoothed = {};
    if (m_profiler)
        m_profiler->reset();
}

} // namespace pretext
