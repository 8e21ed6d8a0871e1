// Reads what a run's files end with. metrics.csv may be long: its last megabyte has the last row, and the last look at the encoder.
#include "core/engine/runsummary.h"

#include "core/engine/observer.h"
#include "core/engine/openmarker.h"
#include "core/engine/rowlines.h"
#include "core/engine/runfolder.h"
#include "core/engine/runlock.h"
#include "core/engine/sweep.h"
#include "core/files/json.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "core/knobs/number.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kTail = 1 << 20; // bytes of a file's end
constexpr std::array kStateNames{"training", "paused", "done", "stopped", "failed", "killed", "unreadable", "gone"};
constexpr const char *kStamped[] = {"config.json", "metrics.csv",     "events.jsonl", "checkpoints",
                                    kNotesFile,    "evaluation.json", "map.png",      "stopped-early.json"};

/// The lines of a file's end that are whole; with the first of all where `withHeader`.
std::vector<std::string> lastLines(const fs::path &path, bool withHeader)
{
    RegularFile file(path);
    const uint64_t begin = file.size() > kTail ? file.size() - kTail : 0;
    std::vector<std::string> lines;
    std::string text;
    if (begin > 0 && withHeader) {
        text.resize(size_t(std::min<uint64_t>(file.size(), 1 << 16)));
        file.read(text.data(), text.size());
        lines.push_back(text.substr(0, text.find('\n') + 1));
        file.seek(begin);
    } else if (begin > 0) {
        file.seek(begin);
    }
    text.resize(size_t(file.size() - begin));
    if (!file.read(text.data(), text.size()))
        return lines;
    std::vector<std::string> last = linesOf(text);
    if (begin > 0 && !last.empty())
        last.erase(last.begin()); // a part of one
    if (!last.empty() && last.back().back() != '\n')
        last.pop_back(); // is being written
    lines.insert(lines.end(), last.begin(), last.end());
    return lines;
}

void takeMetrics(RunSummary &run, std::map<std::string, double> &results)
{
    const std::vector<std::string> lines = lastLines(run.path / "metrics.csv", true);
    const std::vector<std::string> columns = lines.empty() ? std::vector<std::string>() : cellsOf(lines.front());
    if (!isHeader(columns))
        return;
    size_t wanted = size_t(std::ranges::count_if(columns, isObserved));
    bool any = false;
    for (size_t line = lines.size() - 1; line > 0 && (!any || wanted > 0); --line) {
        std::vector<double> row;
        try {
            row = rowOf(lines[line], columns.size());
        } catch (const std::exception &) {
            continue; // a resume moves it away
        }
        if (!std::exchange(any, true)) {
            run.step = int64_t(row[0]);
            run.seconds = row[1];
            if (row.size() > 2)
                run.loss = row[2];
        }
        for (size_t i = 2; i < columns.size(); ++i)
            if (isObserved(columns[i]) && !std::isnan(row[i]))
                wanted -= results.emplace(columns[i].substr(columns[i].find('/') + 1), row[i]).second;
    }
    if (run.loss && !std::isfinite(*run.loss))
        run.loss.reset();
}

/// The last events say how it ended, all of them which knobs were turned.
void takeEvents(RunSummary &run, std::map<std::string, std::string> &knobs)
{
    std::vector<Event> turned;
    for (const std::string &line : lastLines(run.path / "events.jsonl", false)) {
        Event event;
        try {
            event = eventOf(line);
        } catch (const std::exception &) {
            continue;
        }
        if (event.kind == "resume") // what a crash took back is no change
            std::erase_if(turned, [&](const Event &change) { return change.step > event.step + 1; });
        if (event.kind == "knob")
            turned.push_back(event);
        if (event.kind == "end")
            run.state = event.message.empty() ? RunState::done : RunState::stopped;
        else if (event.kind == "fault")
            run.state = RunState::failed;
        else if (event.kind == "resume" || event.kind == "rewind" || event.kind == "play")
            run.state = RunState::killed; // unless it says more
    }
    for (const Event &change : turned)
        if (const auto knob = knobs.find(change.name); knob != knobs.end())
            knob->second = change.after;
}

std::string textOf(const nlohmann::json &value)
{
    if (value.is_boolean())
        return value.get<bool>() ? "true" : "false";
    return value.is_number() ? toText(KnobValue(value.get<double>())) : value.is_string() ? value.get<std::string>() : excerptOf(value);
}

void takeConfig(RunSummary &run, std::map<std::string, std::string> &knobs)
{
    const nlohmann::json config = readJson(run.path / "config.json");
    run.method = config.value("method", "");
    run.data = pathAsShown(config.value("dataset", "")).string();
    run.encoder = config.value("encoder", "");
    run.batch = config.value("batch", int64_t(0));
    run.seed = config.value("seed", uint64_t(0));
    run.planned = config.value("steps", int64_t(0));
    if (const auto all = config.find("knobs"); all != config.end())
        for (const auto &[name, value] : all->items())
            knobs[name] = textOf(value);
    if (const auto parent = config.find("parent"); parent != config.end())
        run.parent = Parent{pathAsShown(parent->value("run", "")), parent->value("step", int64_t(0))};
}

/// Of evaluation.json what the encoder scored. What was found while it trained stands where that is of a later step.
void takeEvaluation(const RunSummary &run, std::map<std::string, double> &results)
{
    std::error_code absent;
    if (!fs::exists(run.path / "evaluation.json", absent))
        return;
    const nlohmann::json found = readJson(run.path / "evaluation.json");
    const bool newest = found.value("step", int64_t(0)) >= run.step;
    const auto put = [&](const std::string &name, double value) {
        if (newest)
            results[name] = value;
        else
            results.emplace(name, value);
    };
    bool first = true;
    for (const nlohmann::json &row : found.value("rows", nlohmann::json::array())) {
        if (row.value("features", "") != "encoder")
            continue;
        for (const char *score : {"knn", "probe", "r2"})
            if (row.contains(score)) {
                put(score + ("." + row.value("column", "")), row.at(score));
                if (first)
                    put(score, row.at(score));
            }
        first = first && !row.contains("knn");
    }
    for (const char *number : {"alignment", "uniformity", "effective_rank"})
        if (found.contains(number))
            put(number, found.at(number));
    if (const auto tokens = found.find("tokens"); tokens != found.end() && !tokens->empty()) {
        put("perplexity", tokens->front().value("perplexity", 0.0));
        put("token_accuracy", tokens->front().value("accuracy", 0.0));
    }
}

/// Since when the folder is there, as far as the file system knows, and when something in it changed last.
void takeTimes(RunSummary &run)
{
    struct statx folder
    {
    };
    int64_t oldest = INT64_MAX;
    if (::statx(AT_FDCWD, run.path.c_str(), 0, STATX_BTIME, &folder) == 0 && folder.stx_mask & STATX_BTIME)
        oldest = folder.stx_btime.tv_sec;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(run.path, error)) {
        struct stat file
        {
        };
        if (::lstat(entry.path().c_str(), &file) != 0 || !S_ISREG(file.st_mode))
            continue;
        run.bytes += uint64_t(file.st_size);
        oldest = std::min<int64_t>(oldest, file.st_mtime);
        if (const std::string name = entry.path().filename().string(); name != kNotesFile && name != ".lock")
            run.changed = std::max<int64_t>(run.changed, file.st_mtime);
    }
    run.begun = oldest == INT64_MAX ? run.changed : oldest;
}

/// Runs `take`; where it throws, the run has that problem, and is summed up further.
template<class Take>
void tryTo(RunSummary &run, const Take &take)
{
    try {
        take();
    } catch (const std::exception &error) {
        if (run.problem.empty())
            run.problem = error.what();
    }
}

} // namespace

const char *nameOf(RunState state)
{
    return kStateNames[size_t(state)];
}

RunState runStateNamed(const std::string &name)
{
    const auto found = std::ranges::find(kStateNames, name);
    return found == kStateNames.end() ? RunState::gone : RunState(found - kStateNames.begin());
}

std::string RunSummary::name() const
{
    const fs::path &known = from.empty() ? path : from;
    return isTrial(known) ? (known.parent_path().filename() / known.filename()).string() : path.filename().string();
}

bool isHeldOpen(const RunSummary &run)
{
    return run.state == RunState::training || run.state == RunState::paused;
}

std::string stampOf(const fs::path &run)
{
    std::string stamp;
    for (const char *name : kStamped) {
        struct stat file
        {
        };
        if (::stat((run / name).c_str(), &file) == 0)
            stamp += std::to_string(S_ISDIR(file.st_mode) ? 0 : file.st_size) + ":" + std::to_string(file.st_mtim.tv_sec) + "."
                     + std::to_string(file.st_mtim.tv_nsec) + " ";
        else if (stamp.empty())
            return {}; // without a config it is none
        else
            stamp += "- ";
    }
    return stamp;
}

uint64_t bytesIn(const fs::path &folder)
{
    uint64_t bytes = 0;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder, error)) {
        std::error_code gone;
        if (const uint64_t size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0; !gone)
            bytes += size;
    }
    return bytes;
}

RunSummary summarise(const fs::path &path)
{
    RunSummary run;
    run.path = path;
    run.stamp = stampOf(path); // before it is read: what comes in between is read again
    if (run.stamp.empty())
        return run;
    run.state = RunState::killed;
    std::map<std::string, std::string> knobs;
    std::map<std::string, double> results;
    std::error_code absent;
    tryTo(run, [&] { takeConfig(run, knobs); });
    const bool readable = run.problem.empty();
    if (fs::exists(path / "metrics.csv", absent))
        tryTo(run, [&] { takeMetrics(run, results); });
    if (fs::exists(path / "events.jsonl", absent))
        tryTo(run, [&] { takeEvents(run, knobs); });
    if (run.step == 0) // no row: it may have begun with the weights of another
        if (const std::vector<fs::path> kept = checkpointsIn(path); !kept.empty())
            run.step = stepOf(kept.back());
    tryTo(run, [&] { takeEvaluation(run, results); });
    tryTo(run, [&] { run.notes = readNotes(path); });
    takeTimes(run);
    if (!readable)
        run.state = RunState::unreadable;
    else if (!writerOf(path).empty() && !(run.state == RunState::done && standsStill(path))) // one that ended and is looked at has ended
        run.state = standsStill(path) ? RunState::paused : RunState::training;
    run.knobs.assign(knobs.begin(), knobs.end());
    run.results.assign(results.begin(), results.end());
    return run;
}

const std::vector<std::string> &runFields()
{
    static const std::vector<std::string> fields{"name",    "method", "data", "encoder", "batch",  "seed", "state", "step",   "planned",
                                                 "seconds", "loss",   "note", "tag",     "parent", "size", "begun", "changed"};
    return fields;
}

RunValue valueOf(const RunSummary &run, const std::string &name)
{
    const auto number = [](auto value) { return RunValue(double(value)); };
    const size_t field = size_t(std::ranges::find(runFields(), name) - runFields().begin());
    if (run.method.empty() && field >= 1 && field <= 5)
        return {}; // of a run whose config.json is unreadable nobody knows
    switch (field) {
    case 0: return run.name();
    case 1: return run.method;
    case 2: return run.data;
    case 3: return run.encoder;
    case 4: return number(run.batch);
    case 5: return number(run.seed);
    case 6: return std::string(nameOf(run.state));
    case 7: return number(run.step);
    case 8: return number(run.planned);
    case 9: return number(run.seconds);
    case 10: return run.loss ? number(*run.loss) : RunValue();
    case 11: return run.notes.note.empty() ? RunValue() : run.notes.note;
    case 12: return run.notes.tags.empty() ? RunValue() : tagsInOne(run.notes.tags);
    case 13: return run.parent ? RunValue(run.parent->run.filename().string() + "@" + std::to_string(run.parent->step)) : RunValue();
    case 14: return number(run.bytes);
    case 15: return number(run.begun);
    case 16: return number(run.changed);
    default: break;
    }
    const auto byName = [&](const auto &pair) { return pair.first < name; };
    if (const auto result = std::ranges::partition_point(run.results, byName); result != run.results.end() && result->first == name)
        return result->second;
    const auto knob = std::ranges::partition_point(run.knobs, byName);
    if (knob == run.knobs.end() || knob->first != name)
        return {};
    const std::optional<double> real = realNumber(knob->second);
    return real ? RunValue(*real) : RunValue(knob->second);
}

bool comesBefore(const RunValue &a, const RunValue &b)
{
    if (std::holds_alternative<std::monostate>(a) || std::holds_alternative<std::monostate>(b))
        return !std::holds_alternative<std::monostate>(a) && std::holds_alternative<std::monostate>(b);
    return a < b; // by kind, numbers first
}

} // namespace pretext
