#include "core/engine/sweep.h"

#include "core/engine/resuming.h"
#include "core/engine/runlock.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace pretext {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr int kSweepVersion = 1;
constexpr int64_t kLooksOfATrial = 10; // that is stopped early, where nothing was said

json settingToJson(const SweptSetting &setting)
{
    if (!setting.values.empty())
        return {{"name", setting.name}, {"values", setting.values}};
    return {{"name", setting.name}, {"low", setting.low}, {"high", setting.high}, {"logarithmic", setting.logarithmic}, {"whole", setting.whole}};
}

json sweepToJson(const Sweep &sweep)
{
    json object{{"version", kSweepVersion}, {"random", sweep.random},   {"seed", sweep.seed},     {"steps", sweep.steps},
                {"minutes", sweep.minutes}, {"halving", sweep.halving}, {"swept", json::array()}, {"trials", json::array()}};
    if (sweep.grace > 0)
        object["grace"] = sweep.grace;
    for (const SweptSetting &setting : sweep.swept)
        object["swept"].push_back(settingToJson(setting));
    for (const SweepTrial &trial : sweep.trials)
        object["trials"].push_back({{"settings", trial.settings}, {"config", toJson(trial.config)}});
    return object;
}

SweptSetting settingFromJson(const json &object)
{
    SweptSetting setting{object.at("name").get<std::string>()};
    if (const auto values = object.find("values"); values != object.end()) {
        setting.values = values->get<std::vector<std::string>>();
        return setting;
    }
    setting.low = object.at("low").get<double>();
    setting.high = object.at("high").get<double>();
    setting.logarithmic = object.at("logarithmic").get<bool>();
    setting.whole = object.at("whole").get<bool>();
    return setting;
}

Sweep sweepFromJson(const json &object)
{
    constexpr int64_t kMost = INT64_MAX;
    wholeNumber(object.at("version"), kSweepVersion, kSweepVersion);
    Sweep sweep;
    sweep.random = wholeNumber(object.at("random"), 0, kMostTrials);
    sweep.seed = object.at("seed").get<uint64_t>();
    sweep.steps = wholeNumber(object.at("steps"), 0, kMost);
    sweep.minutes = object.at("minutes").get<double>();
    sweep.halving = wholeNumber(object.at("halving"), 0, kMost);
    if (const auto grace = object.find("grace"); grace != object.end())
        sweep.grace = wholeNumber(*grace, 0, kMost);
    for (const json &setting : object.at("swept"))
        sweep.swept.push_back(settingFromJson(setting));
    for (const json &trial : object.at("trials"))
        sweep.trials.push_back({trial.at("settings").get<Settings>(), configFromJson(trial.at("config"))});
    if (sweep.trials.empty() || (sweep.steps == 0 && !(sweep.minutes > 0)))
        throw std::invalid_argument(said("it needs trials, and steps or minutes"));
    rungsOf(sweep);
    return sweep;
}

void writeSweep(const fs::path &folder, const Sweep &sweep)
{
    const std::string text = sweepToJson(sweep).dump(1) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(sweepFileIn(folder), {bytes, bytes + text.size()});
}

std::string settingText(const SweptSetting &setting)
{
    if (setting.values.empty())
        return setting.name + "=" + toText(KnobValue(setting.low)) + ".." + toText(KnobValue(setting.high));
    std::string text = setting.name + "=";
    for (const std::string &value : setting.values)
        text += (&value == &setting.values.front() ? "" : ",") + value;
    return text;
}

std::string sweptText(const Sweep &sweep)
{
    std::string text;
    for (const SweptSetting &setting : sweep.swept)
        text += (text.empty() ? "" : " ") + settingText(setting);
    return text;
}

/// Of two configs the first field, or knob, that differs.
std::string differingField(const json &there, const json &asked)
{
    for (const auto &[name, value] : asked.items())
        if (!there.contains(name) || there[name] != value)
            return value.is_object() && there.contains(name) && there[name].is_object()
                       ? differingField(there[name], value)
                       : pretext::said("%1 is %2 there, not %3", {name, excerptOf(there.value(name, json())), excerptOf(value)});
    return pretext::said("it says more there");
}

/// What a sweep that is there has otherwise than the one asked for; empty: nothing.
std::string differenceOf(const Sweep &there, const Sweep &asked)
{
    const auto differ = [](const std::string &name, const std::string &one, const std::string &other) {
        return one == other ? std::string() : pretext::said("%1 is %2 there, not %3", {name, one, other});
    };
    const std::string steps[] = {std::to_string(there.minutes > 0 ? 0 : there.steps), std::to_string(asked.minutes > 0 ? 0 : asked.steps)};
    for (const std::string &difference :
         {differ("--set", sweptText(there), sweptText(asked)), differ("--random", std::to_string(there.random), std::to_string(asked.random)),
          differ("--seed", std::to_string(there.seed), std::to_string(asked.seed)),
          differ("--minutes", toText(KnobValue(there.minutes)), toText(KnobValue(asked.minutes))), differ("--steps", steps[0], steps[1]),
          differ("--halving", std::to_string(there.halving), std::to_string(asked.halving)),
          differ("--stop-early", std::to_string(there.grace), std::to_string(asked.grace))})
        if (!difference.empty())
            return difference;
    for (size_t i = 0; i < std::min(there.trials.size(), asked.trials.size()); ++i)
        if (!(there.trials[i] == asked.trials[i]))
            return differingField(toJson(there.trials[i].config), toJson(asked.trials[i].config));
    return there.trials.size() == asked.trials.size() ? ""
                                                      : pretext::said("it has %1 trials, not %2", {int64_t(there.trials.size()), int64_t(asked.trials.size())});
}

/// It is held for moments only.
RunLock lockOfSweep(const fs::path &folder)
{
    while (!writerOf(folder).empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    try {
        return RunLock(folder);
    } catch (const std::runtime_error &) {
        if (writerOf(folder).empty())
            throw; // it cannot be written
        return lockOfSweep(folder);
    }
}

} // namespace

bool SweepTrial::operator==(const SweepTrial &other) const
{
    return settings == other.settings && toJson(config) == toJson(other.config);
}

fs::path sweepFileIn(const fs::path &folder)
{
    return folder / "sweep.json";
}

Sweep readSweep(const fs::path &folder)
{
    const json object = readJson(sweepFileIn(folder));
    try {
        return sweepFromJson(object);
    } catch (const std::exception &error) {
        throw std::invalid_argument(sweepFileIn(folder).string() + ": " + said("is no sweep that this program reads: %1", {error.what()}));
    }
}

Sweep beginSweep(const fs::path &folder, const Sweep &sweep)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw std::runtime_error(folder.string() + ": " + said("cannot be created: %1", {error.message()}));
    const RunLock lock = lockOfSweep(folder);
    if (!fs::exists(sweepFileIn(folder))) {
        if (!isFreeForRun(folder))
            throw std::invalid_argument(shownPath(folder) + ": " + said("is not empty, and no sweep; choose another folder"));
        writeSweep(folder, sweep);
        return sweep;
    }
    Sweep there = readSweep(folder);
    if (const std::string difference = differenceOf(there, sweep); !difference.empty())
        throw std::invalid_argument(shownPath(folder) + ": " + said("is another sweep: %1; choose another folder", {difference}));
    return there;
}

void fixSteps(const fs::path &folder, Sweep &sweep, int64_t steps)
{
    sweep.steps = steps;
    rungsOf(sweep);
    writeSweep(folder, sweep);
}

fs::path trialFolder(const fs::path &folder, size_t trial)
{
    char name[32];
    std::snprintf(name, sizeof name, "trial-%04zu", trial + 1);
    return folder / name;
}

bool isTrial(const fs::path &run)
{
    return run.filename().string().starts_with("trial-");
}

RunConfig configOf(const Sweep &sweep, size_t trial)
{
    RunConfig config = sweep.trials.at(trial).config;
    const std::vector<Rung> rungs = rungsOf(sweep);
    config.steps = rungs.back().steps;
    config.minutes = 0;
    if (config.evaluateEvery == 0)
        config.evaluateEvery = sweep.grace > 0 ? std::max<int64_t>(1, sweep.steps / kLooksOfATrial) : rungs.front().steps;
    return config;
}

int64_t stepsInAll(const std::vector<Rung> &rungs)
{
    int64_t steps = 0, before = 0;
    for (const Rung &rung : rungs) {
        steps += (rung.steps - before) * rung.trials;
        before = rung.steps;
    }
    return steps;
}

std::vector<Rung> rungsOf(const Sweep &sweep)
{
    const int64_t all = int64_t(sweep.trials.size());
    if (sweep.halving == 0)
        return {{sweep.steps, all}};
    int64_t most = 1; // of the trials before the last rung, to one of it
    while (most * sweep.halving <= all)
        most *= sweep.halving;
    if (most == 1)
        throw std::invalid_argument(pretext::said("there are %1 trials, of which the best one of %2 cannot go on", {all, sweep.halving}));
    if (sweep.steps > 0 && sweep.steps < most)
        throw std::invalid_argument(pretext::said("%1 steps are too few to be divided by %2; take at least so many", {sweep.steps, most}));
    std::vector<Rung> rungs;
    for (int64_t share = most, trials = all; share > 0; share /= sweep.halving, trials /= sweep.halving)
        rungs.push_back({sweep.steps / most * (most / share), trials});
    return rungs;
}

} // namespace pretext
