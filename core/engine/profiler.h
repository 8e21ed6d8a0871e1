// Hears of the operations and phases of the trainer's steps, sums them, and keeps the first steps event by event for a trace file.
#pragma once

#include "core/backend/profiled.h"
#include "core/engine/profile.h"

#include <array>
#include <chrono>
#include <iterator>
#include <vector>

namespace pretext {

class Profiler : public OperationListener
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// `traced`: also keeps events.
    explicit Profiler(bool traced);

    /// A step begins: what ran since the last one belongs to none.
    void beginStep();
    /// The batch of this step was made in this time, on another thread or within its data phase.
    void batchMade(TimePoint begin, TimePoint end);
    void ran(const OperationRun &run) override;
    /// What ran since the last phase ended was part of kStepPhases[phase].
    void endPhase(size_t phase, TimePoint begin, TimePoint end);
    void endStep(TimePoint begin, TimePoint end);
    /// Forgets everything.
    void reset();

    /// Of the steps since the last call.
    Profile takeRecent();
    Profile total() const;
    /// Chrome's trace event format, which chrome://tracing and Perfetto open. Throws std::runtime_error where the file cannot be written.
    void writeTrace(const std::filesystem::path &path) const;
    int64_t tracedSteps() const { return m_tracedSteps; }

private:
    struct Sum
    {
        int64_t calls = 0;
        double milliseconds = 0, flop = 0;
        Sum &operator+=(const Sum &other);
    };
    struct OperationSums : std::array<Sum, kOperationCount>
    {
        OperationSums &operator+=(const OperationSums &other);
    };
    struct StepSums
    {
        int64_t steps = 0;
        double milliseconds = 0, batchMilliseconds = 0;
        std::array<double, std::size(kStepPhases)> phases{}; // milliseconds
        std::array<OperationSums, std::size(kStepPhases)> operations{};
        StepSums &operator+=(const StepSums &other);
    };
    struct Event
    {
        const char *name;
        int thread;
        TimePoint begin, end;
        double flop = 0;
        Shape input, output;
    };

    static Profile profileOf(const StepSums &sums);
    void trace(const Event &event);

    OperationSums m_phase{};     // since the last phase ended
    StepSums m_recent, m_before; // since takeRecent, and until then
    const bool m_traced;
    bool m_tracing; // until there are enough events
    std::vector<Event> m_events;
    int64_t m_tracedSteps = 0;
};

} // namespace pretext
