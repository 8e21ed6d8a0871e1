#include "app/cli/table.h"

#include "core/knobs/number.h"

#include <nlohmann/json.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <utility>

namespace pretext {

size_t widthOf(const std::string &text)
{
    return std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; });
}

namespace {

/// Split between words into lines of so many columns, the first of which has fewer; a word that is longer has a line of its own.
std::vector<std::string> wrapped(const std::string &text, size_t width, size_t taken = 0)
{
    std::vector<std::string> lines;
    std::istringstream words(text);
    std::string line, word;
    while (words >> word) {
        const size_t room = lines.empty() ? width - std::min(width, taken) : width;
        if (!line.empty() && widthOf(line) + 1 + widthOf(word) > room)
            lines.push_back(std::exchange(line, {}));
        line += (line.empty() ? "" : " ") + word;
    }
    lines.push_back(line);
    return lines;
}

const char *kindName(KnobKind kind)
{
    switch (kind) {
    case KnobKind::boolean: return "boolean";
    case KnobKind::integer: return "integer";
    case KnobKind::real: return "real";
    case KnobKind::choice: return "choice";
    }
    return "";
}

std::vector<size_t> widthsOf(const std::vector<std::vector<std::string>> &rows, const std::vector<size_t> &atLeast)
{
    std::vector<size_t> widths = atLeast;
    for (const auto &row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], widthOf(row[column]));
    }
    return widths;
}

/// Its last cell goes on below itself.
void printRow(std::ostream &out, const std::vector<std::string> &row, const std::vector<size_t> &widths, int indent)
{
    std::string line(size_t(indent), ' ');
    for (size_t column = 0; column + 1 < row.size(); ++column)
        line += row[column] + std::string(widths[column] - widthOf(row[column]) + 2, ' ');
    const size_t at = widthOf(line), least = 12; // columns of a terminal that is too narrow for anything
    for (const std::string &part : wrapped(row.back(), std::max(least, lineWidth() - std::min(lineWidth(), at)))) {
        out << line << part << '\n';
        line.assign(at, ' ');
    }
}

} // namespace

size_t lineWidth()
{
    constexpr size_t kUsual = 80, kLeast = 40;
    winsize size{};
    if (const char *columns = std::getenv("COLUMNS"))
        if (const auto asked = wholeNumber<int64_t>(columns); asked && *asked > 0)
            return std::max(kLeast, size_t(*asked));
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return std::max<size_t>(kLeast, size.ws_col);
    return kUsual;
}

void printWrapped(std::ostream &out, const std::string &text, int indent)
{
    std::string before(text.find_first_not_of(' ') == std::string::npos ? 0 : text.find_first_not_of(' '), ' ');
    for (const std::string &line : wrapped(text, lineWidth() - size_t(indent))) {
        out << before << line << '\n';
        before.assign(size_t(indent), ' ');
    }
}

void printTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows, int indent, const std::vector<size_t> &atLeast)
{
    const std::vector<size_t> widths = widthsOf(rows, atLeast);
    for (const auto &row : rows) {
        std::string line(indent, ' ');
        for (size_t column = 0; column < row.size(); ++column) {
            line += row[column];
            if (column + 1 < row.size())
                line.append(widths[column] - widthOf(row[column]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

void printWrappedTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows)
{
    const std::vector<size_t> widths = widthsOf(rows, {});
    for (const auto &row : rows)
        printRow(out, row, widths, 0);
}

std::string rangeText(const Knob &knob)
{
    if (knob.kind == KnobKind::boolean)
        return "true or false";
    if (knob.kind == KnobKind::choice) {
        std::string text;
        for (const std::string &choice : knob.choices)
            text += (text.empty() ? "" : ", ") + choice;
        return text;
    }
    return toText(KnobValue(knob.minimum)) + " .. " + toText(KnobValue(knob.maximum)) + (knob.logarithmic ? ", log" : "");
}

void printKnobs(std::ostream &out, const std::vector<Knob> &knobs, int indent)
{
    std::vector<std::vector<std::string>> rows{{"knob", "symbol", "default", "acts", "range, and what it does"}};
    for (const Knob &knob : knobs)
        rows.push_back({knob.name, knob.symbol, toText(knob.defaultValue), toText(knob.effect), rangeText(knob)});
    const std::vector<size_t> widths = widthsOf(rows, {});
    const int below = indent + 4;
    printRow(out, rows.front(), widths, indent);
    for (size_t i = 0; i < knobs.size(); ++i) {
        printRow(out, rows[i + 1], widths, indent);
        for (const std::string &line : wrapped(knobs[i].help, lineWidth() - size_t(below)))
            out << std::string(size_t(below), ' ') << line << '\n';
    }
}

nlohmann::json toJson(const Knob &knob, const KnobValue &value)
{
    const double *number = std::get_if<double>(&value);
    if (number && knob.kind == KnobKind::integer)
        return int64_t(*number);
    return std::visit([](const auto &v) { return nlohmann::json(v); }, value);
}

nlohmann::json toJson(const std::vector<Knob> &knobs)
{
    auto list = nlohmann::json::array();
    for (const Knob &knob : knobs) {
        nlohmann::json entry{{"name", knob.name},           {"symbol", knob.symbol},
                             {"kind", kindName(knob.kind)}, {"default", toJson(knob, knob.defaultValue)},
                             {"acts", toText(knob.effect)}, {"help", knob.help}};
        if (knob.kind == KnobKind::integer || knob.kind == KnobKind::real) {
            entry["minimum"] = toJson(knob, knob.minimum);
            entry["maximum"] = toJson(knob, knob.maximum);
            entry["scale"] = knob.logarithmic ? "log" : "linear";
        }
        if (knob.kind == KnobKind::choice)
            entry["choices"] = knob.choices;
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace pretext
