// Every row is flushed, so that a crash loses none, and a full disk shows at the row it hit.
#include "core/engine/runfolder.h"

#include "core/engine/model.h"
#include "core/engine/observer.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/files/messagetext.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kShown = 60; // characters of a line, enough to know it by
constexpr const char *kTimingsHeader = "step,data_ms,forward_ms,backward_ms,optimizer_ms,snapshot_ms,total_ms,samples_per_second\n";

std::ofstream openToAppend(const fs::path &path)
{
    errno = 0;
    std::ofstream file(path, std::ios::app | std::ios::binary);
    if (!file)
        throw std::runtime_error(path.string() + ": " + pretext::said("cannot be written: %1", {std::strerror(errno)}));
    return file;
}

void writeLine(std::ofstream &file, const fs::path &path, const std::string &line)
{
    errno = 0;
    file.write(line.data(), static_cast<std::streamsize>(line.size())).flush();
    if (!file)
        throw std::runtime_error(path.string() + ": " + said("cannot be written: %1; make room and resume", {std::strerror(errno)}));
}

void makeFolder(const fs::path &path)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        throw std::runtime_error(path.string() + ": " + said("cannot be created: %1; choose another folder", {error.message()}));
}

nlohmann::json toJson(const Event &event)
{
    nlohmann::json json{{"step", event.step}, {"kind", event.kind}};
    const std::pair<const char *, const std::string &> texts[] = {
        {"name", event.name}, {"before", event.before}, {"after", event.after}, {"message", event.message}};
    for (const auto &[field, text] : texts)
        if (!text.empty())
            json[field] = text;
    return json;
}

/// What a write that was ended in its middle leaves; only ours, and none is being written while we hold the lock.
bool isTemporary(const fs::path &file)
{
    const std::string name = file.filename().string();
    return name.starts_with('.') && name.find(".tmp-") != std::string::npos;
}

void removeTemporaries(const fs::path &folder)
{
    std::error_code error;
    std::vector<fs::path> all;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, error))
        if (isTemporary(entry.path()))
            all.push_back(entry.path());
    for (const fs::path &path : all)
        fs::remove(path, error);
}

/// What a run leaves that was ended, or found the disk full, before it wrote its config.
bool isRemnant(const fs::directory_entry &entry)
{
    std::error_code error;
    const std::string name = entry.path().filename().string();
    return name == ".lock" || isTemporary(entry.path()) || (name == "checkpoints" && fs::is_empty(entry.path(), error) && !error);
}

void refuseOccupied(const fs::path &path)
{
    std::error_code error;
    if (isFreeForRun(path))
        return;
    throw std::runtime_error(path.string() + ": "
                             + (fs::exists(path / "config.json", error)
                                    ? said("exists and is not empty; go on with that run by --resume, or choose another folder")
                                    : said("exists and is not empty; choose another folder")));
}

/// "2 lines of metrics.csv are no whole rows, and were moved to metrics.lost.csv".
std::string repairOfRows(const std::string &file, const std::string &to, int64_t lines)
{
    return lines == 1 ? pretext::said("%1 line of %2 is no whole row, and was moved to %3", {lines, file, to})
                      : pretext::said("%1 lines of %2 are no whole rows, and were moved to %3", {lines, file, to});
}

/// "1 line of events.jsonl is no event, and was moved to events.lost.jsonl: '{"step": 4'".
std::string repairOfEvents(const std::vector<std::string> &lines)
{
    const std::string shown = oneLine(shortened(lines.front().substr(0, lines.front().find('\n')), kShown));
    return lines.size() == 1 ? pretext::said("1 line of %1 is no event, and was moved to %2: '%3'", {"events.jsonl", "events.lost.jsonl", shown})
                             : pretext::said("%1 lines of %2 are no events, and were moved to %3: '%4' and so on",
                                             {lines.size(), "events.jsonl", "events.lost.jsonl", shown});
}

struct KeptCheckpoint
{
    fs::path path;
    int64_t step = 0, bytes = 0;
    double loss = 0;
};

/// Fills in what the others' losses are.
std::vector<DamagedCheckpoint> setAsideUnreadable(std::vector<KeptCheckpoint> &all)
{
    std::vector<DamagedCheckpoint> damaged;
    std::erase_if(all, [&](KeptCheckpoint &checkpoint) {
        try {
            checkpoint.loss = readCheckpointState(checkpoint.path).loss;
            return false;
        } catch (const std::runtime_error &error) {
            damaged.push_back({checkpoint.path, error.what()});
            setAside(checkpoint.path);
            return true;
        }
    });
    return damaged;
}

} // namespace

bool isFreeForRun(const fs::path &path)
{
    std::error_code error;
    const fs::directory_iterator folder(path, error);
    if (error && error != std::errc::no_such_file_or_directory)
        throw std::runtime_error(path.string() + ": " + said("cannot be read: %1; choose another folder", {error.message()}));
    return error || std::all_of(begin(folder), end(folder), isRemnant);
}

RunFolder RunFolder::create(const fs::path &path, const RunConfig &config)
{
    std::error_code error;
    if (fs::exists(path, error) && !fs::is_directory(path, error))
        throw std::runtime_error(path.string() + ": " + pretext::said("is a file; choose a folder for the run"));
    refuseOccupied(path);
    makeFolder(path);
    RunFolder run(path);
    refuseOccupied(path); // now that nobody else begins there
    removeTemporaries(path);
    makeFolder(path / "checkpoints");
    run.writeConfig(config);
    run.open();
    return run;
}

RunFolder RunFolder::resume(const fs::path &path, int64_t step, const std::vector<DamagedCheckpoint> &damaged)
{
    if (!fs::exists(path / "config.json"))
        throw std::runtime_error(path.string() + ": " + pretext::said("is not a run: it has no config.json"));
    RunFolder run(path);
    if (step > 0) // a run may be ended before it has any
        for (const char *file : {"events.jsonl", "timings.csv"})
            if (!fs::exists(path / file))
                run.m_repairs.push_back(pretext::said("%1 is gone, with all that it said of the steps before this one; it begins anew", {file}));
    makeFolder(path / "checkpoints");
    for (const DamagedCheckpoint &checkpoint : damaged)
        setAside(checkpoint.path);
    removeTemporaries(path);
    removeTemporaries(path / "checkpoints");
    if (const std::vector<std::string> lines = moveNonEvents(path / "events.jsonl", path / "events.lost.jsonl"); !lines.empty())
        run.m_repairs.push_back(repairOfEvents(lines));
    run.m_moved = run.cutTo(step);
    return run;
}

void RunFolder::open()
{
    m_metrics = openToAppend(m_path / "metrics.csv");
    m_events = openToAppend(m_path / "events.jsonl");
    m_timings = openToAppend(m_path / "timings.csv");
    if (fs::file_size(m_path / "timings.csv") == 0)
        writeLine(m_timings, m_path / "timings.csv", kTimingsHeader);
}

void RunFolder::writeConfig(const RunConfig &config)
{
    const std::string text = pretext::toJson(config).dump(2) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(m_path / "config.json", {bytes, bytes + text.size()});
}

/// Of a run that an earlier version may have begun, whose methods told less: what the file has columns for. What was observed then and is not now is
/// left empty.
std::vector<std::pair<std::string, double>> RunFolder::columnsOf(const ScalarRow &row) const
{
    std::vector<std::pair<std::string, double>> values;
    for (const auto &value : row.values)
        if (std::ranges::find(m_columns, value.first) != m_columns.end())
            values.push_back(value);
    for (const std::string &column : m_columns)
        if (isObserved(column) && std::ranges::find(row.values, column, &std::pair<std::string, double>::first) == row.values.end())
            values.emplace_back(column, std::numeric_limits<double>::quiet_NaN());
    return values;
}

void RunFolder::writeFault(const StepFault &fault, const RunConfig &config, const Batch &batch)
{
    const nlohmann::json json{{"step", fault.step},   {"what", fault.what},   {"where", fault.where},     {"seed", config.seed},
                              {"epoch", batch.epoch}, {"views", batch.views}, {"samples", batch.indices}, {"config", pretext::toJson(config)}};
    const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    makeFolder(m_path / "faults");
    writeFileAtomically(faultStateIn(m_path, fault.step).replace_extension(".json"), {bytes, bytes + text.size()});
}

void RunFolder::append(const ScalarRow &row)
{
    std::string line;
    if (m_columns.empty()) {
        line = "step,seconds";
        for (const auto &[name, value] : row.values) {
            m_columns.push_back(name);
            line += "," + name;
        }
        line += "\n";
    }
    line += std::to_string(row.step) + "," + numberText(row.seconds);
    const std::vector<std::pair<std::string, double>> values = m_begun ? columnsOf(row) : row.values;
    if (values.size() != m_columns.size())
        throw std::runtime_error((m_path / "metrics.csv").string() + ": "
                                 + pretext::said("has %1 channels, step %2 wrote %3", {m_columns.size(), row.step, values.size()}));
    for (size_t i = 0; i < values.size(); ++i) {
        if (values[i].first != m_columns[i])
            throw std::runtime_error((m_path / "metrics.csv").string() + ": "
                                     + pretext::said("column '%1' expected, step %2 wrote '%3'", {m_columns[i], row.step, values[i].first}));
        const bool empty = isObserved(m_columns[i]) && std::isnan(values[i].second);
        line += "," + (empty ? std::string() : numberText(values[i].second));
    }
    writeLine(m_metrics, m_path / "metrics.csv", line + "\n");
    m_seconds = row.seconds;
}

void RunFolder::append(const Event &event)
{
    const std::string line = toJson(event).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    writeLine(m_events, m_path / "events.jsonl", line + "\n");
}

void RunFolder::append(int64_t step, const Timings &t)
{
    std::string line = std::to_string(step);
    for (double value : {t.data, t.forward, t.backward, t.optimizer, t.snapshot, t.total, t.samplesPerSecond})
        line += "," + numberText(std::round(value * 1000) / 1000);
    writeLine(m_timings, m_path / "timings.csv", line + "\n");
}

int64_t RunFolder::cutTo(int64_t step)
{
    m_metrics.close();
    m_events.close();
    m_timings.close();
    int64_t noRows = 0;
    const int64_t moved = moveRowsPast(m_path / "metrics.csv", m_path / "metrics.lost.csv", step, &noRows);
    if (noRows > 0)
        m_repairs.push_back(repairOfRows("metrics.csv", "metrics.lost.csv", noRows));
    moveRowsPast(m_path / "timings.csv", m_path / "timings.lost.csv", step, &noRows);
    if (noRows > 0)
        m_repairs.push_back(repairOfRows("timings.csv", "timings.lost.csv", noRows));
    for (const fs::path &checkpoint : checkpoints())
        if (checkpoint.filename() > checkpointPath(step).filename()) {
            makeFolder(m_path / "checkpoints" / "lost");
            fs::rename(checkpoint, m_path / "checkpoints" / "lost" / checkpoint.filename());
            ++m_movedCheckpoints;
        }
    const MetricsTable kept = fs::exists(m_path / "metrics.csv") ? readMetrics(m_path / "metrics.csv") : MetricsTable{};
    m_begun = !kept.columns.empty();
    m_columns.assign(kept.columns.begin() + std::min<size_t>(2, kept.columns.size()), kept.columns.end());
    m_seconds = kept.rows.empty() ? 0 : kept.rows.back()[1];
    open();
    return moved;
}

fs::path RunFolder::checkpointPath(int64_t step) const
{
    return checkpointIn(m_path, step);
}

fs::path RunFolder::tracePath(int64_t step) const
{
    const std::string stem = "trace-" + checkpointPath(step).stem().string();
    fs::path path = m_path / (stem + ".json");
    for (int again = 2; fs::exists(path); ++again)
        path = m_path / (stem + "-" + std::to_string(again) + ".json");
    return path;
}

std::vector<fs::path> RunFolder::checkpoints() const
{
    return checkpointsIn(m_path);
}

std::vector<DamagedCheckpoint> RunFolder::pruneCheckpoints(int newest, int64_t bytes)
{
    std::vector<KeptCheckpoint> all;
    int64_t total = 0;
    for (const fs::path &path : checkpoints()) {
        std::error_code gone;
        all.push_back({path, stepOf(path), int64_t(fs::file_size(path, gone)), 0});
        total += gone ? 0 : all.back().bytes;
    }
    if (total <= bytes || all.size() <= size_t(newest) + 1)
        return {};
    std::vector<DamagedCheckpoint> damaged = setAsideUnreadable(all);
    const auto best = std::ranges::min_element(all, {}, &KeptCheckpoint::loss);
    const int64_t bestStep = best == all.end() ? 0 : best->step;
    total = std::accumulate(all.begin(), all.end(), int64_t(0), [](int64_t sum, const KeptCheckpoint &checkpoint) { return sum + checkpoint.bytes; });
    while (total > bytes) {
        size_t least = 0; // the first stays
        const auto gap = [&](size_t i) { return all[i + 1].step - all[i - 1].step; };
        for (size_t i = 1; i + newest < all.size(); ++i)
            if (all[i].step != bestStep && (least == 0 || gap(i) < gap(least)))
                least = i;
        if (least == 0)
            break;
        fs::remove(all[least].path);
        total -= all[least].bytes;
        all.erase(all.begin() + int64_t(least));
    }
    return damaged;
}

fs::path faultStateIn(const fs::path &run, int64_t step)
{
    return run / "faults" / checkpointIn(run, step).filename();
}

std::vector<int64_t> faultsIn(const fs::path &run)
{
    std::vector<int64_t> steps;
    std::error_code none;
    for (const fs::directory_entry &entry : fs::directory_iterator(run / "faults", none))
        if (entry.path().extension() == ".json")
            steps.push_back(stepOf(entry.path()));
    std::ranges::sort(steps);
    return steps;
}

std::string RunFolder::missingRows(int64_t step, int64_t begun) const
{
    const MetricsTable table = fs::exists(m_path / "metrics.csv") ? readMetrics(m_path / "metrics.csv") : MetricsTable{};
    return rowsMissing(table, step, begun);
}

} // namespace pretext
