// The only mutable state that trainer and listeners share: a lossless log and a newest-wins slot towards the window, a keyed command
// queue back, and the set of heavy channels that somebody wants to see.
#pragma once

#include "core/engine/command.h"
#include "core/engine/snapshot.h"
#include "core/nn/schedule.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <utility>
#include <vector>

namespace pretext {

/// All scalars of one step, in the order of metrics.csv's columns.
struct ScalarRow
{
    int64_t step;
    double seconds;
    std::vector<std::pair<std::string, double>> values;
};

/// Something that happened at a step, a row of events.jsonl: a knob took effect, a pause, a checkpoint, a fault.
struct Event
{
    int64_t step = 0;
    std::string
        kind; // "knob", "pause", "play", "rewind", "tokenizer", "checkpoint", "fault", "end", "resume", "schedule", "repair", "config", "data", "threads" ...
    std::string name; // the knob, the file; of "schedule", which moves the planned end: "hold", "rewarm", "stretch" (as asked), "minutes" (as planned again)
    std::string before, after; // values; of "schedule" planned steps
    std::string message;       // a sentence for the user; for a fault: what, where, and what to do
};

/// Milliseconds of the last steps, smoothed, for the status bar and timings.csv.
struct Timings
{
    double data = 0, forward = 0, backward = 0, optimizer = 0, snapshot = 0, total = 0;
    double samplesPerSecond = 0;
};

struct Profile; // core/engine/profile.h

/// A step whose numbers were not all finite.
struct StepFault
{
    int64_t step = 0;        // 0: none
    std::string what, where; // "loss is NaN"; "matmul in encoder.stage1 is not finite: inf at element 3 of [8, 64]", where it began
};

enum class TrainerState { starting, playing, paused, ended, failed };

struct Status
{
    TrainerState state = TrainerState::starting;
    int64_t step = 0, plannedSteps = 0;
    SchedulePlan plan;
    uint32_t epoch = 0;
    Timings timings;
    std::shared_ptr<const Profile> profile; // of the last second; once ended, of all steps; null where nobody asked for it
    int threads = 0;
    std::string threadsReason, precision; // why so many: "all cores"; what layers multiply: "f32" or "bf16"
    std::string activity;                 // while starting, "training the tokenizer", with the share of it; between two steps, "evaluating ..."
    double activityShare = 0;
    std::string deviceName;                   // of a card: "NVIDIA H100 80GB HBM3"
    uint64_t deviceBytes = 0, deviceHeld = 0; // of its memory: all, and what this program has taken
    std::string device, failure;              // failure: one line, set when state is failed
    bool failedInStep = false;                // rather than before the first
    StepFault fault;                          // where that is why it failed
    std::string lastCheckpoint;               // path of the last good one, or empty
};

/// Trainer -> listeners, nothing lost: rows and events in order.
class Log
{
public:
    void append(ScalarRow row);
    void append(Event event);
    struct Drained
    {
        std::vector<ScalarRow> rows;
        std::vector<Event> events;
    };
    Drained drain();

private:
    std::mutex m_mutex;
    Drained m_pending;
};

/// Trainer -> listeners, newest wins.
template<class T>
class Slot
{
public:
    void put(T value)
    {
        std::lock_guard lock(m_mutex);
        m_value = std::move(value);
        m_fresh = true;
    }
    /// The newest value if it was not taken yet.
    std::optional<T> takeFresh()
    {
        std::lock_guard lock(m_mutex);
        if (!m_fresh)
            return {};
        m_fresh = false;
        return m_value;
    }
    T latest() const
    {
        std::lock_guard lock(m_mutex);
        return m_value;
    }

private:
    mutable std::mutex m_mutex;
    T m_value{};
    bool m_fresh = false;
};

/// Listeners -> trainer, keyed.
class CommandQueue
{
public:
    void post(Command command);
    std::vector<Command> takeAll();
    /// Blocks until a command arrives or stop is requested.
    std::vector<Command> waitAndTakeAll(std::stop_token stop);

private:
    std::mutex m_mutex;
    std::condition_variable_any m_arrived;
    std::vector<Command> m_pending;
};

/// Which heavy channels a visible panel wants, and how often.
class Wanted
{
public:
    void set(std::set<std::string> channels);
    bool wants(const std::string &channel) const;
    bool any() const;

private:
    mutable std::mutex m_mutex;
    std::set<std::string> m_channels;
};

struct Lanes
{
    Log log;
    Slot<SnapshotPtr> snapshots;
    Slot<Status> status;
    CommandQueue commands;
    Wanted wanted;
    std::atomic<double> snapshotSeconds = 0.2; // at least this long between two snapshots
    std::function<void()> notify;              // called on the trainer's thread after something was put; set before the trainer starts; must not block
};

} // namespace pretext
