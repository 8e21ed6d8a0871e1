#include "app/cli/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace pretext {

size_t widthOf(const std::string &text)
{
    return std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; });
}

namespace {

nlohmann::json jsonOf(const KnobValue &value)
{
    return std::visit([](const auto &v) { return nlohmann::json(v); }, value);
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

} // namespace

void printTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows, int indent, const std::vector<size_t> &atLeast)
{
    std::vector<size_t> widths = atLeast;
    for (const auto &row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], widthOf(row[column]));
    }
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
    std::vector<std::vector<std::string>> rows{{"knob", "symbol", "default", "range", "acts", "what it does"}};
    for (const Knob &knob : knobs)
        rows.push_back({knob.name, knob.symbol, toText(knob.defaultValue), rangeText(knob), toText(knob.effect), knob.help});
    printTable(out, rows, indent);
}

nlohmann::json toJson(const std::vector<Knob> &knobs)
{
    auto list = nlohmann::json::array();
    for (const Knob &knob : knobs) {
        nlohmann::json entry{{"name", knob.name},           {"symbol", knob.symbol}, {"kind", kindName(knob.kind)}, {"default", jsonOf(knob.defaultValue)},
                             {"acts", toText(knob.effect)}, {"help", knob.help}};
        if (knob.kind == KnobKind::integer || knob.kind == KnobKind::real) {
            entry["minimum"] = knob.minimum;
            entry["maximum"] = knob.maximum;
            entry["scale"] = knob.logarithmic ? "log" : "linear";
        }
        if (knob.kind == KnobKind::choice)
            entry["choices"] = knob.choices;
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace pretext
