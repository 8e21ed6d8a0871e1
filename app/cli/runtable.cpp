#include "app/cli/runtable.h"

#include "app/cli/table.h"
#include "core/data/counted.h"
#include "core/files/messagetext.h"
#include "core/files/shownpath.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <ostream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kWidth = 80, kGap = 2;

std::string cellText(const char *pattern, auto... values)
{
    char text[64];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

std::string sizeInWords(uint64_t bytes)
{
    constexpr const char *kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = double(bytes);
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit)
        value /= 1024;
    return cellText(unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
}

std::string timeInWords(int64_t seconds)
{
    const std::time_t time = std::time_t(seconds);
    char text[32] = "";
    if (seconds > 0)
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", std::localtime(&time));
    return text;
}

std::string dataName(const std::string &data)
{
    const std::string name = fs::path(data).filename().string();
    return shownText(name.empty() ? data : name);
}

std::string resultOf(const RunSummary &run, const char *name)
{
    const RunValue value = valueOf(run, name);
    const double *share = std::get_if<double>(&value);
    return share ? cellText("%.1f", 100 * *share) : "";
}

std::string textOf(const RunValue &value)
{
    if (const double *number = std::get_if<double>(&value))
        return toText(KnobValue(*number));
    const std::string *text = std::get_if<std::string>(&value);
    return text ? shownText(*text) : "";
}

/// Keeps the beginning and the end, by which runs are told apart; of UTF-8 whole characters.
std::string cut(const std::string &text, size_t width)
{
    if (widthOf(text) <= width)
        return text;
    std::vector<std::string> characters;
    for (const char c : text)
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 || characters.empty())
            characters.emplace_back(1, c);
        else
            characters.back() += c;
    const size_t end = (width - 1) / 2, begin = width - 1 - end;
    std::string shorter;
    for (size_t i = 0; i < begin; ++i)
        shorter += characters[i];
    shorter += "…";
    for (size_t i = characters.size() - end; i < characters.size(); ++i)
        shorter += characters[i];
    return shorter;
}

using Rows = std::vector<std::vector<std::string>>;

/// How wide columns are if those whose `least` is given are narrowed, the widest first, until the rows fit.
std::vector<size_t> fittingWidths(const Rows &rows, const std::vector<size_t> &least)
{
    std::vector<size_t> widths(rows.front().size());
    for (const auto &row : rows)
        for (size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], widthOf(row[column]));
    while (std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1)) > kWidth) {
        size_t widest = widths.size();
        for (size_t column = 0; column < least.size(); ++column)
            if (widths[column] > least[column] && (widest == widths.size() || widths[column] > widths[widest]))
                widest = column;
        if (widest == widths.size())
            break;
        --widths[widest];
    }
    return widths;
}

/// Data and method are cut first; then the method, which most names say, gives way, then names are cut, and at last the columns that were asked for.
void fit(Rows &rows)
{
    const auto fits = [](const std::vector<size_t> &widths) { return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1)) <= kWidth; };
    std::vector<size_t> widths = fittingWidths(rows, {24, 6, 8});
    if (!fits(widths)) {
        for (auto &row : rows)
            row.erase(row.begin() + 1);
        widths = fittingWidths(rows, {12, 6});
    }
    if (!fits(widths))
        widths = fittingWidths(rows, std::vector<size_t>(rows.front().size(), 4));
    for (auto &row : rows)
        for (size_t column = 0; column < row.size(); ++column)
            row[column] = cut(row[column], widths[column]);
}

nlohmann::json jsonOf(const RunSummary &run)
{
    nlohmann::json json{{"path", shownPath(run.path)},
                        {"name", shownText(run.name())},
                        {"method", run.method},
                        {"data", shownPath(run.data)},
                        {"encoder", run.encoder},
                        {"batch", run.batch},
                        {"seed", run.seed},
                        {"state", nameOf(run.state)},
                        {"step", run.step},
                        {"planned", run.planned},
                        {"seconds", run.seconds},
                        {"note", run.notes.note},
                        {"tags", run.notes.tags},
                        {"bytes", run.bytes},
                        {"begun", timeInWords(run.begun)},
                        {"changed", timeInWords(run.changed)},
                        {"knobs", nlohmann::json::object()},
                        {"results", nlohmann::json::object()}};
    for (const auto &[knob, text] : run.knobs) {
        const RunValue value = valueOf(run, knob);
        const double *number = std::get_if<double>(&value);
        json["knobs"][knob] = number ? nlohmann::json(*number) : text == "true" || text == "false" ? nlohmann::json(text == "true") : nlohmann::json(text);
    }
    for (const auto &[name, value] : run.results)
        json["results"][name] = value;
    if (run.loss)
        json["loss"] = *run.loss;
    if (run.parent)
        json["parent"] = {{"run", shownPath(run.parent->run)}, {"step", run.parent->step}};
    if (std::error_code none; fs::exists(run.thumbnail(), none))
        json["thumbnail"] = shownPath(run.thumbnail());
    if (!run.from.empty())
        json["deleted_from"] = shownPath(run.from);
    if (!run.problem.empty())
        json["problem"] = shownText(run.problem);
    return json;
}

} // namespace

void printRuns(std::ostream &out, const std::vector<RunSummary> &runs, const std::vector<std::string> &more, size_t all)
{
    if (runs.empty()) {
        out << (all == 0   ? "no runs; pretext train --out RUN makes one, pretext runs --import FOLDER lists those that are there"
                : all == 1 ? "none; there is 1 run, and it is not of those asked for"
                           : "none; there are " + std::to_string(all) + " runs, and none is of those asked for")
            << "\n";
        return;
    }
    std::vector<std::vector<std::string>> rows{{"run", "method", "data", "step", "loss", "kNN", "state"}};
    std::vector<std::string> added;
    for (const std::string &name : more)
        if (std::ranges::find(rows[0], name == "knn" ? "kNN" : name == "name" ? "run" : name) == rows[0].end()) {
            added.push_back(name);
            rows[0].push_back(name);
        }
    uint64_t bytes = 0;
    int64_t gone = 0;
    for (const RunSummary &run : runs) {
        gone += run.state == RunState::gone;
        rows.push_back({shownText(run.name()), run.method, dataName(run.data), std::to_string(run.step), run.loss ? cellText("%.4g", *run.loss) : "",
                        resultOf(run, "knn"), nameOf(run.state)});
        for (const std::string &name : added)
            rows.back().push_back(name == "size"                         ? sizeInWords(run.bytes)
                                  : name == "begun" || name == "changed" ? timeInWords(name == "begun" ? run.begun : run.changed).substr(0, 16)
                                                                         : textOf(valueOf(run, name)));
        bytes += run.bytes;
    }
    fit(rows);
    printTable(out, rows);
    out << "\n" << counted(int64_t(runs.size()), "run") << ", " << sizeInWords(bytes) << " on disk\n";
    if (gone > 0)
        out << gone << (gone == 1 ? " is gone" : " are gone") << ": pretext runs --where state=gone --unlist takes " << (gone == 1 ? "it" : "them")
            << " off the list\n";
}

void printRun(std::ostream &out, const RunSummary &run)
{
    std::vector<std::vector<std::string>> rows{{"run", shownPath(run.path)},
                                               {"state", nameOf(run.state)},
                                               {"method", run.method},
                                               {"data", shownPath(run.data)},
                                               {"encoder", run.encoder},
                                               {"batch", std::to_string(run.batch)},
                                               {"seed", std::to_string(run.seed)},
                                               {"step", std::to_string(run.step) + (run.planned > 0 ? " of " + std::to_string(run.planned) : "")},
                                               {"begun", timeInWords(run.begun)},
                                               {"changed", timeInWords(run.changed)},
                                               {"on disk", sizeInWords(run.bytes)}};
    const auto add = [&](const std::string &name, const std::string &text) {
        if (!text.empty())
            rows.push_back({name, text});
    };
    add("deleted", run.from.empty() ? "" : "from " + shownPath(run.from));
    add("problem", oneLine(run.problem));
    add("parent", run.parent ? shownPath(run.parent->run) + " at step " + std::to_string(run.parent->step) : "");
    add("tags", tagsInOne(run.notes.tags));
    add("note", oneLine(run.notes.note));
    add("loss", run.loss ? toText(KnobValue(*run.loss)) : "");
    for (const auto &[name, value] : run.results)
        add(name, toText(KnobValue(value)));
    for (const auto &[name, value] : run.knobs)
        add(name, value);
    printTable(out, rows);
}

nlohmann::json toJson(const std::vector<RunSummary> &runs)
{
    auto list = nlohmann::json::array();
    for (const RunSummary &run : runs)
        list.push_back(jsonOf(run));
    return list;
}

} // namespace pretext
