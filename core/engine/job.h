// A training job: what it is asked to do, and a thread of its own that does it.
#pragma once

#include "core/engine/lanes.h"
#include "core/engine/model.h"
#include "core/engine/observer.h"
#include "core/engine/runfolder.h"
#include "core/engine/start.h"
#include "core/system/controlgroup.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

namespace pretext {

/// What is told of the time that operations take: nothing; their sums; also each, in RUN/trace-step-N.json, N the first step.
enum class Profiling { off, sums, trace };

/// In a run's folder: a line for each file of the data that was left out, and why. None where none was.
constexpr const char *kLeftOutFile = "left-out.txt";

/// What the checkpoints of a run may take of the disk: at two to nine megabytes each, dozens of steps to go back to.
constexpr int64_t kCheckpointBytes = int64_t(512) << 20;

struct TrainerOptions
{
    RunConfig config;
    std::shared_ptr<const Dataset> dataset;                 // opened from config.dataset when null
    std::filesystem::path out;                              // empty: no run folder is written
    Start start;                                            // config.init and config.parent are set by it
    bool dataMayDiffer = false;                             // from those that the checkpoint was trained on; else that is refused
    std::vector<std::pair<std::string, KnobValue>> knobs;   // changed before the first step, each recorded as the change that it is
    ScheduleChange scheduleOnResume = ScheduleChange::hold; // where config.steps are not those that the checkpoint was planned for
    std::optional<FreeMemory> freeMemory;                   // instead of what the system says, for tests
    bool startPaused = false;
    bool lowPriority = false; // below another trainer, which it is not to hold up
    bool tensorboard = false; // also writes each row into RUN/tensorboard
    Profiling profiling = Profiling::off;
    MakeObserver observer = nullptr;            // of a config that has evaluateEvery; where it is null, those columns stay empty
    double observedShare = 0.05;                // of the time, at most, that looks may take
    int loaderAhead = 3;                        // 0: inline, for tests
    double checkpointSeconds = 60;              // also at the start, before a knob changes, on pause and at the end; 0: not in between
    int64_t checkpointBytes = kCheckpointBytes; // of disk that checkpoints may take together; see RunFolder::pruneCheckpoints
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now(); // config.minutes count from here
};

/// Trains until the planned end, stop, or a fault. Catches everything: a failure is one status with one line and the step.
/// At the planned end, with `stayAfterEnd`, it waits for commands (Extend, Rewind) instead of returning.
void runTrainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd);

/// A trainer in a jthread of its own. Destruction asks it to stop, within one step, and joins.
class Job
{
public:
    Job(TrainerOptions options, std::unique_ptr<Lanes> lanes);
    ~Job();

    Lanes &lanes() { return *m_lanes; }
    const TrainerOptions &options() const { return m_options; }
    void requestStop() { m_thread.request_stop(); }

private:
    TrainerOptions m_options;
    std::unique_ptr<Lanes> m_lanes;
    std::jthread m_thread;
};

} // namespace pretext
