// A run on disk: config.json, metrics.csv, events.jsonl, timings.csv, checkpoints/. Written as PRODUCT describes it; nothing is overwritten
// unless a resume says so.
#pragma once

#include "core/data/batch.h"
#include "core/engine/config.h"
#include "core/engine/findcheckpoint.h"
#include "core/engine/lanes.h"
#include "core/engine/runlock.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

class RunFolder
{
public:
    /// A new run; throws std::runtime_error where `path` exists and holds anything but what a run leaves that was ended before it began, or
    /// cannot be written.
    static RunFolder create(const std::filesystem::path &path, const RunConfig &config);
    /// An existing run, to go on from `step`. Checkpoints that are damaged move to checkpoints/damaged.
    static RunFolder resume(const std::filesystem::path &path, int64_t step, const std::vector<DamagedCheckpoint> &damaged = {});

    const std::filesystem::path &path() const { return m_path; }
    void writeConfig(const RunConfig &config);
    void append(const ScalarRow &row);
    void append(const Event &event);
    void append(int64_t step, const Timings &timings);
    /// Rows past `step` move to metrics.lost.csv (and timings.lost.csv), checkpoints past it to checkpoints/lost. Returns the number of
    /// metrics rows moved.
    int64_t cutTo(int64_t step);
    /// The last row's `seconds`, 0 where there is none.
    double seconds() const { return m_seconds; }
    int64_t movedOnResume() const { return m_moved; }
    int64_t checkpointsMovedOnResume() const { return m_movedCheckpoints; }
    /// What a resume found in metrics.csv and events.jsonl that is no row and no event, and what became of it; empty where there was nothing.
    const std::vector<std::string> &repairs() const { return m_repairs; }
    /// What metrics.csv lacks of the rows after `begun` to `step`, or has more than once, in a sentence; empty where it is whole.
    std::string missingRows(int64_t step, int64_t begun = 0) const;

    /// faults/step-00000123.json: what was not finite, where it began, and what the step was given: knobs, seed, epoch, samples.
    void writeFault(const StepFault &fault, const RunConfig &config, const Batch &batch);

    std::filesystem::path checkpointPath(int64_t step) const; // checkpoints/step-00000500.safetensors
    std::filesystem::path tracePath(int64_t step) const;      // trace-step-00000000.json, one that is not there yet
    std::vector<std::filesystem::path> checkpoints() const;   // oldest first
    /// Removes checkpoints until they take no more than so many bytes together: each time the one between whose neighbours the fewest steps lie, so that
    /// those that stay are spread over the run. The first, the newest `newest` and the best stay in any case. What cannot be read moves to
    /// checkpoints/damaged, and is returned.
    std::vector<DamagedCheckpoint> pruneCheckpoints(int newest, int64_t bytes);

private:
    explicit RunFolder(std::filesystem::path path) : m_path(std::move(path)), m_lock(m_path) {}
    void open();
    std::vector<std::pair<std::string, double>> columnsOf(const ScalarRow &row) const;

    std::filesystem::path m_path;
    RunLock m_lock; // as long as it is written
    std::ofstream m_metrics, m_events, m_timings;
    std::vector<std::string> m_columns; // of metrics.csv, beside step and seconds; empty until the first row
    bool m_begun = false;               // the columns are those of a run that goes on
    double m_seconds = 0;
    int64_t m_moved = 0, m_movedCheckpoints = 0;
    std::vector<std::string> m_repairs;
};

/// RUN/faults/step-00000122.safetensors: the state before the step 123, which was not finite.
std::filesystem::path faultStateIn(const std::filesystem::path &run, int64_t step);
/// The steps of the faults that the run keeps, ascending.
std::vector<int64_t> faultsIn(const std::filesystem::path &run);

/// Reads metrics.csv: columns and rows. Throws naming the file and line.
struct MetricsTable
{
    std::vector<std::string> columns;
    std::vector<std::vector<double>> rows;
};
MetricsTable readMetrics(const std::filesystem::path &csv);
std::vector<Event> readEvents(const std::filesystem::path &jsonl);

} // namespace pretext
