#include "core/engine/rowfile.h"

#include "core/engine/runfolder.h"
#include "core/exchange/json.h"
#include "core/exchange/regularfile.h"
#include "core/exchange/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <sstream>
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

/// Lines with their ends; the last may lack one.
std::vector<std::string> linesOf(const std::string &text)
{
    std::vector<std::string> lines;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        lines.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return lines;
}

std::vector<std::string> cellsOf(const std::string &line)
{
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');)
        cells.push_back(cell);
    return cells;
}

std::vector<double> numbersOf(const std::string &line, const std::string &where)
{
    std::vector<double> numbers;
    for (const std::string &cell : cellsOf(line)) {
        double value = 0;
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (error != std::errc() || end != cell.data() + cell.size())
            throw std::runtime_error(where + ": '" + cell + "' is not a number");
        numbers.push_back(value);
    }
    return numbers;
}

} // namespace

std::string numberText(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

int64_t moveRowsPast(const fs::path &from, const fs::path &to, int64_t step, int64_t *noRows)
{
    if (!fs::exists(from))
        return 0;
    std::string kept, lost, header;
    int64_t past = 0, broken = 0;
    for (const std::string &line : linesOf(readText(from))) {
        int64_t row = 0;
        const bool numbered = std::from_chars(line.data(), line.data() + line.size(), row).ec == std::errc();
        if (header.empty() && !numbered && line.back() == '\n') {
            header = kept = line;
        } else if (numbered && row <= step && line.back() == '\n') {
            kept += line;
        } else {
            lost += line;
            ++(numbered && row > step && line.back() == '\n' ? past : broken);
        }
    }
    if (noRows)
        *noRows = broken;
    if (past + broken == 0)
        return 0;
    if (lost.back() != '\n')
        lost += '\n';
    writeText(to, fs::exists(to) ? readText(to) + lost : header + lost);
    writeText(from, kept);
    return past;
}

std::string dropTornLine(const fs::path &path)
{
    if (!fs::exists(path))
        return {};
    const std::string text = readText(path);
    if (text.empty() || text.back() == '\n')
        return {};
    const size_t torn = text.find_last_of('\n') + 1;
    writeText(path, text.substr(0, torn));
    return text.substr(torn);
}

std::string rowsMissing(const MetricsTable &table, int64_t step)
{
    std::vector<int64_t> steps;
    for (const std::vector<double> &row : table.rows)
        if (row[0] >= 1 && row[0] <= double(step))
            steps.push_back(static_cast<int64_t>(row[0]));
    std::sort(steps.begin(), steps.end());
    const auto end = std::unique(steps.begin(), steps.end());
    const int64_t twice = steps.end() - end;
    steps.erase(end, steps.end());
    const int64_t missing = step - static_cast<int64_t>(steps.size());
    constexpr int kGapsNamed = 4;
    int gaps = 0;
    std::string list;
    int64_t before = 0;
    steps.push_back(step + 1);
    for (const int64_t next : steps) {
        const int64_t first = std::exchange(before, next) + 1, last = next - 1;
        if (first > last || ++gaps > kGapsNamed)
            continue;
        list += (list.empty() ? "" : ", ") + std::to_string(first) + (last > first ? " to " + std::to_string(last) : "");
    }
    std::string line;
    if (missing > 0)
        line = "metrics.csv lacks " + std::to_string(missing) + " of " + std::to_string(step) + " rows: of step" + (missing > 1 ? "s " : " ") + list
               + (gaps > kGapsNamed ? " and in " + std::to_string(gaps - kGapsNamed) + " more places" : "") + "; the curve has a gap there, the training has none";
    if (twice > 0)
        line += (line.empty() ? "metrics.csv has " : "; it has ") + std::to_string(twice) + (twice == 1 ? " row" : " rows") + " twice";
    return line;
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
        const std::string line = lines[i].substr(0, lines[i].size() - 1);
        if (i == 0) {
            table.columns = cellsOf(line);
            if (table.columns.size() < 2 || table.columns[0] != "step" || table.columns[1] != "seconds")
                throw std::runtime_error(csv.string() + ": line 1: not a metrics file: it does not begin with step,seconds; move it away to go on without it");
            continue;
        }
        const std::string where = csv.string() + ": line " + std::to_string(i + 1);
        table.rows.push_back(numbersOf(line, where));
        if (table.rows.back().size() != table.columns.size())
            throw std::runtime_error(where + ": has " + std::to_string(table.rows.back().size()) + " cells, the header "
                                     + std::to_string(table.columns.size()));
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
            const auto json = parseJson(lines[i]);
            events.push_back({wholeNumber(json.at("step"), 0, std::numeric_limits<int64_t>::max()), json.at("kind").get<std::string>(), json.value("name", ""),
                              json.value("before", ""), json.value("after", ""), json.value("message", "")});
        } catch (const std::exception &error) {
            throw std::runtime_error(jsonl.string() + ": line " + std::to_string(i + 1) + ": not an event: " + error.what());
        }
    }
    return events;
}

} // namespace pretext
