// Where a step's time goes, in milliseconds, smoothed over the last steps; a profiler hears of each phase.
#pragma once

#include "core/engine/profile.h"

#include <chrono>

namespace pretext {

class Profiler;

class PhaseClock
{
public:
    /// `profiler`, or null, outlives this.
    void tell(Profiler *profiler) { m_profiler = profiler; }
    void begin();
    /// The time since the last mark (or begin) was spent on `phase`.
    void mark(double Timings::*phase);
    /// Ends the step, with the phase marked last; `samples` it saw.
    void end(double samples);
    /// Forgets all steps.
    void reset();

    const Timings &smoothed() const { return m_smoothed; }
    /// Milliseconds of the last whole step.
    double last() const { return m_step.total; }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_begin, m_last;
    Timings m_step, m_smoothed;
    Profiler *m_profiler = nullptr;
};

} // namespace pretext
