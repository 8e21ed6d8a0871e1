#include "core/engine/rowfile.h"

#include "core/engine/rowlines.h"
#include "core/engine/runfolder.h"
#include "core/files/regularfile.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

std::string readText(const fs::path &path)
{
    return readRegularFile(path, UINT64_MAX);
}

void writeText(const fs::path &path, const std::string &text)
{
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(path, {bytes, bytes + text.size()});
}

/// Of a whole row; one that is being written, or was cut short by a crash, is none.
std::optional<int64_t> stepOf(const std::string &line, size_t columns)
{
    if (columns == 0 || line.back() != '\n')
        return {};
    try {
        return static_cast<int64_t>(rowOf(line, columns)[0]);
    } catch (const std::runtime_error &) {
        return {};
    }
}

bool isEvent(const std::string &line)
{
    try {
        eventOf(line);
        return line.back() == '\n';
    } catch (const std::exception &) {
        return false;
    }
}

/// What was lost before stays. A file that is new begins with the header.
void appendLost(const fs::path &to, const std::string &header, const std::string &lines)
{
    writeText(to, (fs::exists(to) ? readText(to) : header) + lines + (lines.back() == '\n' ? "" : "\n"));
}

/// `missing` rows of so many, at the steps that are listed and in so many more places.
std::string missingRows(int64_t missing, int64_t all, const std::string &steps, int more)
{
    if (more > 0)
        return pretext::said("metrics.csv lacks %1 of %2 rows: of steps %3 and in %4 more places; the curve has a gap there, the training has none",
                             {missing, all, steps, more});
    return missing > 1 ? pretext::said("metrics.csv lacks %1 of %2 rows: of steps %3; the curve has a gap there, the training has none", {missing, all, steps})
                       : pretext::said("metrics.csv lacks %1 of %2 rows: of step %3; the curve has a gap there, the training has none", {missing, all, steps});
}

} // namespace

std::string numberText(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

int64_t moveRowsPast(const fs::path &from, const fs::path &to, int64_t step, int64_t *noRows)
{
    if (noRows)
        *noRows = 0;
    if (!fs::exists(from))
        return 0;
    std::string kept, lost, header;
    size_t columns = 0; // as long as there is no header, no line is a row
    int64_t past = 0, broken = 0;
    for (const std::string &line : linesOf(readText(from))) {
        const std::optional<int64_t> row = stepOf(line, columns);
        if (kept.empty() && lost.empty() && line.back() == '\n' && isHeader(cellsOf(line))) {
            header = kept = line;
            columns = cellsOf(line).size();
        } else if (row && *row <= step) {
            kept += line;
        } else {
            lost += line;
            ++(row ? past : broken);
        }
    }
    if (noRows)
        *noRows = broken;
    if (past + broken > 0) {
        appendLost(to, header, lost);
        writeText(from, kept);
    }
    return past;
}

std::vector<std::string> moveNonEvents(const fs::path &from, const fs::path &to)
{
    std::vector<std::string> none;
    if (!fs::exists(from))
        return none;
    std::string kept, lost;
    for (const std::string &line : linesOf(readText(from))) {
        const bool event = isEvent(line);
        (event ? kept : lost) += line;
        if (!event)
            none.push_back(line);
    }
    if (!none.empty()) {
        appendLost(to, "", lost);
        writeText(from, kept);
    }
    return none;
}

std::string rowsMissing(const MetricsTable &table, int64_t step, int64_t begun)
{
    std::vector<int64_t> steps;
    for (const std::vector<double> &row : table.rows)
        if (row[0] > double(begun) && row[0] <= double(step))
            steps.push_back(static_cast<int64_t>(row[0]));
    std::sort(steps.begin(), steps.end());
    const auto end = std::unique(steps.begin(), steps.end());
    const int64_t twice = steps.end() - end;
    steps.erase(end, steps.end());
    const int64_t missing = step - begun - static_cast<int64_t>(steps.size());
    constexpr int kGapsNamed = 4;
    int gaps = 0;
    std::string list;
    int64_t before = begun;
    steps.push_back(step + 1);
    for (const int64_t next : steps) {
        const int64_t first = std::exchange(before, next) + 1, last = next - 1;
        if (first > last || ++gaps > kGapsNamed)
            continue;
        list += (list.empty() ? "" : ", ") + (last > first ? pretext::said("%1 to %2", {first, last}) : std::to_string(first));
    }
    std::string line;
    if (missing > 0)
        line = missingRows(missing, step - begun, list, std::max(0, gaps - kGapsNamed));
    if (twice > 0 && line.empty())
        return twice == 1 ? pretext::said("metrics.csv has %1 row twice", {twice}) : pretext::said("metrics.csv has %1 rows twice", {twice});
    if (twice > 0)
        line += "; " + (twice == 1 ? pretext::said("it has %1 row twice", {twice}) : pretext::said("it has %1 rows twice", {twice}));
    return line;
}

fs::path checkpointIn(const fs::path &run, int64_t step)
{
    std::string digits = std::to_string(step);
    digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
    return run / "checkpoints" / ("step-" + digits + ".safetensors");
}

int64_t stepOf(const fs::path &checkpoint)
{
    const std::string stem = checkpoint.stem().string();
    return std::strtoll(stem.c_str() + std::min(stem.size(), std::strlen("step-")), nullptr, 10);
}

std::vector<fs::path> checkpointsIn(const fs::path &run)
{
    std::vector<fs::path> paths;
    std::error_code none;
    for (const fs::directory_entry &entry : fs::directory_iterator(run / "checkpoints", none)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("step-") && name.ends_with(".safetensors"))
            paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

MetricsTable readMetrics(const fs::path &csv)
{
    MetricsTable table;
    const std::vector<std::string> lines = linesOf(readText(csv));
    for (size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].back() != '\n')
            break; // being written, or cut short by a crash
        if (i == 0) {
            table.columns = cellsOf(lines[i]);
            if (!isHeader(table.columns))
                throw std::runtime_error(csv.string() + ": "
                                         + said("line 1: not a metrics file: it does not begin with step,seconds; move it away to go on without it"));
            continue;
        }
        try {
            table.rows.push_back(rowOf(lines[i], table.columns.size()));
        } catch (const std::runtime_error &error) {
            throw std::runtime_error(csv.string() + ": " + said("line %1: %2", {i + 1, error.what()}));
        }
    }
    return table;
}

std::vector<Event> readEvents(const fs::path &jsonl)
{
    std::vector<Event> events;
    const std::vector<std::string> lines = linesOf(readText(jsonl));
    for (size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].back() != '\n')
            break;
        try {
            events.push_back(eventOf(lines[i]));
        } catch (const std::exception &error) {
            throw std::runtime_error(jsonl.string() + ": " + pretext::said("line %1: not an event: %2", {i + 1, error.what()}));
        }
    }
    return events;
}

} // namespace pretext
