// Where a step's time goes, in milliseconds, smoothed over the last steps.
#pragma once

#include "core/engine/lanes.h"

#include <chrono>

namespace pretext {

class PhaseClock
{
public:
    void begin();
    /// The time since the last mark (or begin) was spent on `phase`.
    void mark(double Timings::*phase);
    /// Ends the step; `samples` it saw.
    void end(double samples);

    const Timings &smoothed() const { return m_smoothed; }
    /// Milliseconds of the last whole step.
    double last() const { return m_step.total; }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_begin, m_last;
    Timings m_step, m_smoothed;
};

} // namespace pretext
