#include "core/engine/profiler.h"

#include "core/files/said.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace pretext {

namespace {

constexpr size_t kLargestTrace = 100'000; // events, some 15 MB of text; from there on whole steps are left out
constexpr int kTrainerThread = 1, kLoaderThread = 2;

double millisecondsBetween(Profiler::TimePoint begin, Profiler::TimePoint end)
{
    return std::chrono::duration<double, std::milli>(end - begin).count();
}

double microseconds(std::chrono::steady_clock::duration span)
{
    return std::chrono::duration<double, std::micro>(span).count();
}

/// What the operation did in its time, where its work is counted.
std::string rateOf(double flop, std::chrono::steady_clock::duration span)
{
    char text[48] = "";
    if (flop > 0 && span.count() > 0)
        std::snprintf(text, sizeof text, ",\"GFLOP/s\":%.4g", flop / microseconds(span) / 1e3);
    return text;
}

} // namespace

Profiler::Sum &Profiler::Sum::operator+=(const Sum &other)
{
    calls += other.calls;
    milliseconds += other.milliseconds;
    flop += other.flop;
    return *this;
}

Profiler::OperationSums &Profiler::OperationSums::operator+=(const OperationSums &other)
{
    for (size_t i = 0; i < size(); ++i)
        (*this)[i] += other[i];
    return *this;
}

Profiler::StepSums &Profiler::StepSums::operator+=(const StepSums &other)
{
    steps += other.steps;
    milliseconds += other.milliseconds;
    batchMilliseconds += other.batchMilliseconds;
    for (size_t phase = 0; phase < phases.size(); ++phase) {
        phases[phase] += other.phases[phase];
        operations[phase] += other.operations[phase];
    }
    return *this;
}

Profiler::Profiler(bool traced) : m_traced(traced), m_tracing(traced)
{
    if (traced)
        m_events.reserve(kLargestTrace);
}

void Profiler::beginStep()
{
    m_phase = {};
    m_tracing &= m_events.size() < kLargestTrace * 9 / 10; // no step is kept by half
}

void Profiler::batchMade(TimePoint begin, TimePoint end)
{
    m_recent.batchMilliseconds += millisecondsBetween(begin, end);
    trace({"make batch", kLoaderThread, begin, end, 0, {}, {}});
}

void Profiler::ran(const OperationRun &run)
{
    m_phase[size_t(run.operation)] += {1, millisecondsBetween(run.begin, run.end), run.flop};
    trace({nameOf(run.operation), kTrainerThread, run.begin, run.end, run.flop, run.input, run.output});
}

void Profiler::endPhase(size_t phase, TimePoint begin, TimePoint end)
{
    m_recent.operations[phase] += m_phase;
    m_phase = {};
    m_recent.phases[phase] += millisecondsBetween(begin, end);
    trace({kStepPhases[phase].name, kTrainerThread, begin, end, 0, {}, {}});
}

void Profiler::endStep(TimePoint begin, TimePoint end)
{
    ++m_recent.steps;
    m_recent.milliseconds += millisecondsBetween(begin, end);
    m_tracedSteps += m_tracing;
    trace({"step", kTrainerThread, begin, end, 0, {}, {}});
}

void Profiler::reset()
{
    m_phase = {};
    m_recent = m_before = {};
    m_tracing = m_traced;
    m_events.clear();
    m_tracedSteps = 0;
}

void Profiler::trace(const Event &event)
{
    if (m_tracing)
        m_events.push_back(event);
}

Profile Profiler::takeRecent()
{
    Profile recent = profileOf(m_recent);
    m_before += m_recent;
    m_recent = {};
    return recent;
}

Profile Profiler::total() const
{
    StepSums sums = m_before;
    sums += m_recent;
    Profile profile = profileOf(sums);
    profile.tracedSteps = m_tracedSteps;
    return profile;
}

Profile Profiler::profileOf(const StepSums &sums)
{
    Profile profile;
    profile.steps = sums.steps;
    profile.milliseconds = sums.milliseconds;
    profile.batchMilliseconds = sums.batchMilliseconds;
    for (size_t phase = 0; phase < std::size(kStepPhases); ++phase) {
        PhaseProfile &entry = profile.phases.emplace_back(PhaseProfile{kStepPhases[phase].name, sums.phases[phase], {}});
        for (size_t i = 0; i < kOperationCount; ++i)
            if (const Sum &sum = sums.operations[phase][i]; sum.calls > 0)
                entry.operations.push_back({nameOf(OperationId(i)), sum.calls, sum.milliseconds, sum.flop});
        std::stable_sort(entry.operations.begin(), entry.operations.end(),
                         [](const OperationProfile &a, const OperationProfile &b) { return a.milliseconds > b.milliseconds; });
    }
    return profile;
}

void Profiler::writeTrace(const std::filesystem::path &path) const
{
    std::ofstream file(path);
    file << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
         << R"({"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"trainer"}},)" << '\n'
         << R"({"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"loader"}})";
    TimePoint first = TimePoint::max();
    for (const Event &event : m_events)
        first = std::min(first, event.begin);
    for (const Event &event : m_events) {
        char text[160];
        std::snprintf(text, sizeof text, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"name\":\"%s\",\"ts\":%.3f,\"dur\":%.3f", event.thread, event.name,
                      microseconds(event.begin - first), microseconds(event.end - event.begin));
        file << text;
        if (event.input.rank() > 0)
            file << R"(,"args":{"input":")" << event.input.str() << R"(","output":")" << event.output.str() << '"'
                 << rateOf(event.flop, event.end - event.begin) << '}';
        file << '}';
    }
    file << "\n]}\n";
    if (!file.flush())
        throw std::runtime_error(path.string() + ": " + pretext::said("the trace could not be written; is the disk full?"));
}

} // namespace pretext
