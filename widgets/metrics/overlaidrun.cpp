#include "widgets/metrics/overlaidrun.h"

#include "core/engine/runfolder.h"

#include <algorithm>
#include <map>

namespace pretext {

namespace {

FileStamp stampOf(const std::filesystem::path &file)
{
    std::error_code absent;
    FileStamp stamp{std::filesystem::file_size(file, absent), std::filesystem::last_write_time(file, absent)};
    return absent ? FileStamp() : stamp;
}

std::vector<Event> eventsIn(const std::filesystem::path &folder)
{
    std::error_code absent;
    const std::filesystem::path file = folder / "events.jsonl";
    return std::filesystem::exists(file, absent) ? readEvents(file) : std::vector<Event>();
}

/// What a crash took back is no change: a run goes on from its checkpoint, and a knob turned there acts from the step after.
std::vector<Event> knobChanges(const std::vector<Event> &events)
{
    std::vector<Event> changes;
    for (const Event &event : events) {
        if (event.kind == "resume")
            std::erase_if(changes, [&](const Event &change) { return change.step > event.step + 1; });
        if (event.kind == "knob")
            changes.push_back(event);
    }
    return changes;
}

} // namespace

RunConfig settingsOf(const std::filesystem::path &folder)
{
    RunConfig config = loadConfig(folder / "config.json", Contradictions::settle);
    for (const Event &change : knobChanges(eventsIn(folder)))
        if (config.knobs.find(change.name))
            config.knobs.setText(change.name, change.after);
    return config;
}

std::shared_ptr<OverlaidRun> readAgain(const std::filesystem::path &folder, const FileStamp &before)
{
    return stampOf(folder / "metrics.csv") == before ? nullptr : readRun(folder);
}

bool growTo(OverlaidRun &run, const OverlaidRun &newer)
{
    ScalarHistory &history = run.history;
    const size_t had = history.size();
    const bool goesOn = had > 0 && newer.history.size() >= had && newer.history.columns.size() == history.columns.size()
                        && std::equal(history.seconds.begin(), history.seconds.end(), newer.history.seconds.begin());
    if (!goesOn)
        return false;
    for (size_t i = had; i < newer.history.size(); ++i)
        history.append(newer.history.row(i));
    run.read = newer.read;
    run.events = newer.events;
    run.later = newer.later;
    return true;
}

std::shared_ptr<OverlaidRun> readRun(const std::filesystem::path &folder)
{
    auto run = std::make_shared<OverlaidRun>();
    run->folder = folder;
    run->name = QString::fromStdString((folder.has_filename() ? folder : folder.parent_path()).filename().string());
    run->read = stampOf(folder / "metrics.csv"); // before it is read: what comes in between is read again
    run->config = loadConfig(folder / "config.json", Contradictions::settle);
    run->events = eventsIn(folder);
    for (const Event &change : knobChanges(run->events))
        run->later[change.name] = change.after;
    if (run->read == FileStamp())
        return run; // before its first step
    run->history.append(readMetrics(folder / "metrics.csv"));
    return run;
}

std::vector<KnobDifference> differences(const std::vector<RunSettings> &configs)
{
    std::vector<QString> order;
    std::map<QString, std::vector<QString>> table;
    const auto put = [&](size_t run, const QString &name, const std::string &value) {
        auto &values = table[name];
        if (values.empty()) {
            order.push_back(name);
            values.resize(configs.size());
        }
        values[run] = QString::fromStdString(value);
    };
    for (size_t i = 0; i < configs.size(); ++i) {
        const RunConfig &config = *configs[i].config;
        const auto valueOf = [&](const Knob &knob) {
            const std::string begun = toText(config.knobs.value(knob.name));
            const auto *later = configs[i].later;
            const auto changed = later ? later->find(knob.name) : std::map<std::string, std::string>::const_iterator();
            return later && changed != later->end() && changed->second != begun ? begun + " → " + changed->second : begun;
        };
        put(i, "data", config.dataset);
        put(i, "method", config.method);
        put(i, "encoder", config.encoder);
        put(i, "batch", std::to_string(config.batch));
        put(i, "seed", std::to_string(config.seed));
        for (const Knob &knob : config.knobs.declarations())
            put(i, QString::fromStdString(knob.name), valueOf(knob));
    }
    std::vector<KnobDifference> result;
    for (const QString &name : order)
        if (configs.size() == 1 || std::adjacent_find(table[name].begin(), table[name].end(), std::not_equal_to<>()) != table[name].end())
            result.push_back({name, table[name]});
    return result;
}

} // namespace pretext
