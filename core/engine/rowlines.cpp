#include "core/engine/rowlines.h"

#include "core/files/json.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace pretext {

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

std::vector<std::string> cellsOf(std::string_view line)
{
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    std::vector<std::string> cells;
    for (size_t begin = 0; begin < line.size();) {
        const size_t end = std::min(line.find(',', begin), line.size());
        cells.emplace_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    if (line.ends_with(','))
        cells.emplace_back();
    return cells;
}

bool isHeader(const std::vector<std::string> &cells)
{
    return cells.size() >= 2 && cells[0] == "step" && (cells[1] == "seconds" || cells[1] == "data_ms");
}

/// Step, seconds and the loss; what is observed now and then has empty cells between.
constexpr size_t kAlwaysThere = 3;

std::vector<double> rowOf(std::string_view line, size_t columns)
{
    std::vector<double> numbers;
    for (const std::string &cell : cellsOf(line)) {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (cell.empty() && numbers.size() >= kAlwaysThere) {
            numbers.push_back(value);
            continue;
        }
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (error != std::errc() || end != cell.data() + cell.size())
            throw std::runtime_error(pretext::said("'%1' is not a number", {shortened(cell)}));
        numbers.push_back(value);
    }
    if (numbers.size() != columns)
        throw std::runtime_error(pretext::said("has %1 cells, the header %2", {numbers.size(), columns}));
    if (!(numbers[0] >= 0 && numbers[0] < 9e15 && numbers[0] == std::floor(numbers[0])))
        throw std::runtime_error(pretext::said("'%1' is no step", {shortened(cellsOf(line)[0])}));
    return numbers;
}

Event eventOf(const std::string &line)
{
    const auto json = parseJson(line);
    return {wholeNumber(json.at("step"), 0, std::numeric_limits<int64_t>::max()),
            json.at("kind").get<std::string>(),
            json.value("name", ""),
            json.value("before", ""),
            json.value("after", ""),
            json.value("message", "")};
}

} // namespace pretext
