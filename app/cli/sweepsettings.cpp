#include "app/cli/sweepsettings.h"

#include "app/cli/cli.h"
#include "app/cli/newconfig.h"
#include "core/engine/sweeprequest.h"
#include "core/engine/sweptsetting.h"

#include <algorithm>

namespace pretext {

namespace {

void requireGivenOnce(const TrainArguments &arguments, const std::string &name)
{
    const std::pair<const char *, bool> given[] = {{"method", arguments.method.has_value()},
                                                   {"encoder", arguments.encoder.has_value()},
                                                   {"batch", arguments.batch.has_value()},
                                                   {"seed", arguments.seed.has_value()},
                                                   {"precision", arguments.precision.has_value()}};
    for (const auto &[option, present] : given)
        if (present && name == option)
            throw UsageError("--set " + name + " and --" + name + " exclude each other; give one");
}

SweepRequest requestOf(const SweepArguments &arguments)
{
    const TrainArguments &train = arguments.train;
    return {.settings = knobsIn(train.knobs),
            .random = arguments.random.value_or(0),
            .seed = train.seed.value_or(1),
            .steps = train.steps.value_or(0),
            .minutes = train.minutes.value_or(0),
            .halving = arguments.halving.value_or(0),
            .grace = arguments.stopEarly.value_or(0)};
}

/// Of the options; what is wrong with them is what is wrong with the trial.
RunConfig baseOf(TrainArguments arguments, std::shared_ptr<const Dataset> &dataset, const std::string &method, const std::string &encoder)
{
    if (!method.empty())
        arguments.method = method;
    if (!encoder.empty())
        arguments.encoder = encoder;
    try {
        return configWithoutKnobs(arguments, dataset, false);
    } catch (const UsageError &error) {
        throw std::invalid_argument(error.what());
    }
}

/// The value that is told of, where several are swept.
void takeFirst(const SweepRequest &request, const char *name, std::optional<std::string> &argument)
{
    const auto setting = std::ranges::find(request.settings, name, &std::pair<std::string, std::string>::first);
    if (setting != request.settings.end())
        argument = valuesIn(setting->second).front();
}

} // namespace

Sweep newSweep(const SweepArguments &arguments, std::shared_ptr<const Dataset> &dataset)
{
    const SweepRequest request = requestOf(arguments);
    for (const auto &[name, text] : request.settings)
        requireGivenOnce(arguments.train, name);
    TrainArguments given = arguments.train;
    given.knobs.clear();
    given.steps.reset();
    given.minutes.reset();
    TrainArguments first = given;
    takeFirst(request, "method", first.method);
    takeFirst(request, "encoder", first.encoder);
    configWithoutKnobs(first, dataset, !arguments.json);
    const auto base = [&](const std::string &method, const std::string &encoder) { return baseOf(given, dataset, method, encoder); };
    Sweep sweep = fromCommandLine([&] { return sweepOf(request, *dataset, base); });
    fromCommandLine("--halving", [&] { rungsOf(sweep); });
    return sweep;
}

} // namespace pretext
