// A run on disk: config.json, metrics.csv, events.jsonl, timings.csv, checkpoints/. Written as PRODUCT describes it; nothing is overwritten
// unless a resume says so.
#pragma once

#include "core/engine/config.h"
#include "core/engine/lanes.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pretext {

class RunFolder
{
public:
    /// A new run; throws std::runtime_error where `path` exists and is not empty or cannot be written.
    static RunFolder create(const std::filesystem::path &path, const RunConfig &config);
    /// An existing run, to resume at `step`: rows past it move to metrics.lost.csv.
    static RunFolder resume(const std::filesystem::path &path, int64_t step);

    const std::filesystem::path &path() const { return m_path; }
    void writeConfig(const RunConfig &config);
    void append(const ScalarRow &row);
    void append(const Event &event);
    void append(int64_t step, const Timings &timings);
    void flush();

    std::filesystem::path checkpointPath(int64_t step) const;     // checkpoints/step-00000500.safetensors
    std::vector<std::filesystem::path> checkpoints() const;       // oldest first
    /// Keeps the newest `newest`, and the best.
    void pruneCheckpoints(int newest);

private:
    std::filesystem::path m_path;
    std::ofstream m_metrics, m_events, m_timings;
    std::vector<std::string> m_columns;
};

/// Reads metrics.csv: columns and rows. Throws naming the file and line.
struct MetricsTable { std::vector<std::string> columns; std::vector<std::vector<double>> rows; };
MetricsTable readMetrics(const std::filesystem::path &csv);
std::vector<Event> readEvents(const std::filesystem::path &jsonl);

} // namespace pretext
