#include "core/engine/lengthening.h"

#include <algorithm>
#include <cstdio>

namespace pretext {

namespace {

std::string rateText(double rate)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", rate);
    return text;
}

std::string stepText(int64_t step)
{
    return "step " + std::to_string(step);
}

float lastRate(const RunConfig &config)
{
    return learningRateAt(config, config.steps - 1);
}

std::string holdText(const RunConfig &before, int64_t step, const RunConfig &after)
{
    const int64_t end = before.plan.empty() ? before.steps : std::max(before.plan.back().end, before.steps);
    if (before.steps == 0 || step >= end)
        return "keeps " + rateText(lastRate(after)) + ", to " + stepText(after.steps);
    if (after.steps <= end)
        return "goes on as planned, and ends at " + rateText(lastRate(after)) + " at " + stepText(after.steps);
    return "goes on to " + rateText(lastRate(after)) + " at " + stepText(end) + " as planned, and keeps that to " + stepText(after.steps);
}

std::string rewarmText(const RunConfig &before, int64_t step, const RunConfig &after)
{
    const int64_t from = std::max(step, before.steps);
    if (after.steps <= from)
        return "does as with hold, since no steps are added";
    return "rises again from " + stepText(from + 1) + " on, up to " + rateText(before.knobs.real("learning_rate")) + ", and falls to "
           + rateText(lastRate(after)) + " at " + stepText(after.steps);
}

} // namespace

float learningRateAt(const RunConfig &config, int64_t step)
{
    const KnobSet &knobs = config.knobs;
    const double factor =
        config.steps > 0 ? scheduleFactor(knobs.choice("schedule"), step, config.steps, config.plan, static_cast<float>(knobs.real("warmup"))) : 1;
    return static_cast<float>(knobs.real("learning_rate") * factor);
}

RunConfig lengthened(RunConfig config, int64_t step, int64_t steps, ScheduleChange change)
{
    config.plan = changedPlan(config.plan, change, step, config.steps, steps);
    config.steps = steps;
    return config;
}

bool asksForScheduleChange(const RunConfig &config, int64_t steps)
{
    return steps > 0 && steps != config.steps && config.knobs.choice("schedule") != "constant";
}

std::string scheduleChangeText(const RunConfig &config, int64_t step, int64_t steps, ScheduleChange change)
{
    const RunConfig after = lengthened(config, step, steps, change);
    switch (change) {
    case ScheduleChange::hold: return holdText(config, step, after);
    case ScheduleChange::rewarm: return rewarmText(config, step, after);
    case ScheduleChange::stretch: break;
    }
    return "is " + rateText(learningRateAt(after, step)) + " at the next step, and falls to " + rateText(lastRate(after)) + " at " + stepText(steps)
           + ", as in a run of so many from the start";
}

std::string lengtheningText(const RunConfig &config, int64_t step, int64_t steps, ScheduleChange taken)
{
    if (!asksForScheduleChange(config, steps))
        return {};
    std::string text = std::to_string(steps) + " steps instead of " + (config.steps > 0 ? std::to_string(config.steps) : "no planned end")
                       + ": the learning rate is " + rateText(learningRateAt(config, std::max<int64_t>(0, step - 1))) + " now";
    for (const ScheduleChange change : {ScheduleChange::hold, ScheduleChange::rewarm, ScheduleChange::stretch})
        text += "; with " + std::string(nameOf(change)) + " it " + scheduleChangeText(config, step, steps, change);
    return text + "; " + nameOf(taken) + " is what was chosen";
}

} // namespace pretext
