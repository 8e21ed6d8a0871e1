#include "core/engine/rowfile.h"

#include "core/engine/runfolder.h"
#include "core/exchange/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

std::string readText(const fs::path &path)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error(path.string() + ": cannot be read: " + std::strerror(errno));
    return {std::istreambuf_iterator<char>(file), {}};
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

int64_t moveRowsPast(const fs::path &from, const fs::path &to, int64_t step)
{
    if (!fs::exists(from))
        return 0;
    std::string kept, lost, header;
    int64_t moved = 0;
    for (const std::string &line : linesOf(readText(from))) {
        int64_t row = 0;
        const bool numbered = std::from_chars(line.data(), line.data() + line.size(), row).ec == std::errc();
        if (header.empty() && !numbered && line.back() == '\n') {
            header = kept = line;
        } else if (numbered && row <= step && line.back() == '\n') {
            kept += line;
        } else {
            lost += line;
            ++moved;
        }
    }
    if (moved == 0)
        return 0;
    if (lost.back() != '\n')
        lost += '\n';
    writeText(to, fs::exists(to) ? readText(to) + lost : header + lost);
    writeText(from, kept);
    return moved;
}

void dropTornLine(const fs::path &path)
{
    if (!fs::exists(path))
        return;
    const std::string text = readText(path);
    if (!text.empty() && text.back() != '\n')
        writeText(path, text.substr(0, text.find_last_of('\n') + 1));
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
                throw std::runtime_error(csv.string() + ": line 1: not a metrics file: it does not begin with step,seconds");
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
            const auto json = nlohmann::json::parse(lines[i]);
            events.push_back({json.at("step").get<int64_t>(), json.at("kind").get<std::string>(), json.value("name", ""),
                              json.value("before", ""), json.value("after", ""), json.value("message", "")});
        } catch (const nlohmann::json::exception &error) {
            throw std::runtime_error(jsonl.string() + ": line " + std::to_string(i + 1) + ": not an event: " + error.what());
        }
    }
    return events;
}

} // namespace pretext
