#include "app/cli/sweepsettings.h"

#include "app/cli/cli.h"
#include "app/cli/newconfig.h"
#include "core/engine/sweptsetting.h"
#include "core/knobs/number.h"

namespace pretext {

namespace {

template<class Number>
Number wholeOf(const std::string &name, const std::string &value, Number least)
{
    const std::optional<Number> number = wholeNumber<Number>(value);
    if (!number || *number < least)
        throw UsageError("--set " + name + "=" + value + ": must be a whole number, at least " + std::to_string(least));
    return *number;
}

/// Beside knobs, these settings of a run can be swept. False: it is none of them.
bool setField(TrainArguments &arguments, const std::string &name, const std::string &value)
{
    if (name == "method")
        arguments.method = value;
    else if (name == "encoder")
        arguments.encoder = value;
    else if (name == "batch")
        arguments.batch = wholeOf<int64_t>(name, value, 2);
    else if (name == "seed")
        arguments.seed = wholeOf<uint64_t>(name, value, 0);
    else
        return false;
    return true;
}

void requireGivenOnce(const TrainArguments &arguments, const std::string &name)
{
    const std::pair<const char *, bool> given[] = {{"method", arguments.method.has_value()},
                                                   {"encoder", arguments.encoder.has_value()},
                                                   {"batch", arguments.batch.has_value()},
                                                   {"seed", arguments.seed.has_value()}};
    for (const auto &[option, present] : given)
        if (present && name == option)
            throw UsageError("--set " + name + " and --" + name + " exclude each other; give one");
}

/// What all trials have, and the first value of a method or an encoder that is swept, whose knobs are those that are looked at.
TrainArguments baseOf(const TrainArguments &given, const std::vector<std::pair<std::string, std::string>> &settings)
{
    TrainArguments base = given;
    base.knobs.clear();
    base.steps.reset();
    base.minutes.reset();
    for (const auto &[name, text] : settings)
        setField(base, name, valuesIn(text).front());
    return base;
}

RunConfig configOf(const TrainArguments &base, const Settings &settings, std::shared_ptr<const Dataset> &dataset)
{
    TrainArguments arguments = base;
    std::string named;
    for (const auto &[name, value] : settings) {
        named += " " + name + "=" + value;
        if (!setField(arguments, name, value))
            arguments.knobs.push_back(name + "=" + value);
    }
    try {
        return newConfig(arguments, dataset, false);
    } catch (const UsageError &error) {
        throw UsageError("the trial" + named + ": " + error.what());
    }
}

} // namespace

Sweep newSweep(const SweepArguments &arguments, std::shared_ptr<const Dataset> &dataset)
{
    const std::vector<std::pair<std::string, std::string>> settings = knobsIn(arguments.train.knobs);
    for (const auto &[name, text] : settings)
        requireGivenOnce(arguments.train, name);
    const TrainArguments given = baseOf(arguments.train, settings);
    const RunConfig base = newConfig(given, dataset, !arguments.json);
    Sweep sweep;
    for (const auto &[name, text] : settings)
        sweep.swept.push_back(fromCommandLine("--set", [&, &name = name, &text = text] { return sweptSettingOf(base, name, text); }));
    sweep.random = arguments.random.value_or(0);
    sweep.seed = arguments.train.seed.value_or(1);
    sweep.steps = arguments.train.steps.value_or(0);
    sweep.minutes = arguments.train.minutes.value_or(0);
    sweep.halving = arguments.halving.value_or(0);
    sweep.grace = arguments.stopEarly.value_or(0);
    const std::vector<Settings> all =
        fromCommandLine("--set", [&] { return sweep.random > 0 ? drawnFrom(sweep.swept, sweep.random, sweep.seed) : gridOf(sweep.swept); });
    for (const Settings &trial : all)
        sweep.trials.push_back({trial, configOf(given, trial, dataset)});
    fromCommandLine("--halving", [&] { rungsOf(sweep); });
    return sweep;
}

} // namespace pretext
