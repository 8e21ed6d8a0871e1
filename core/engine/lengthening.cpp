#include "core/engine/lengthening.h"

#include "core/files/said.h"

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

float lastRate(const RunConfig &config)
{
    return learningRateAt(config, config.steps - 1);
}

std::string holdText(const RunConfig &before, int64_t step, const RunConfig &after)
{
    const int64_t end = before.plan.empty() ? before.steps : std::max(before.plan.back().end, before.steps);
    if (before.steps == 0 || step >= end)
        return pretext::said("keeps %1, to step %2", {rateText(lastRate(after)), after.steps});
    if (after.steps <= end)
        return pretext::said("goes on as planned, and ends at %1 at step %2", {rateText(lastRate(after)), after.steps});
    return pretext::said("goes on to %1 at step %2 as planned, and keeps that to step %3", {rateText(lastRate(after)), end, after.steps});
}

std::string rewarmText(const RunConfig &before, int64_t step, const RunConfig &after)
{
    const int64_t from = std::max(step, before.steps);
    if (after.steps <= from)
        return pretext::said("does as with hold, since no steps are added");
    return pretext::said("rises again from step %1 on, up to %2, and falls to %3 at step %4",
                         {from + 1, rateText(before.knobs.real("learning_rate")), rateText(lastRate(after)), after.steps});
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
    return pretext::said("is %1 at the next step, and falls to %2 at step %3, as in a run of so many from the start",
                         {rateText(learningRateAt(after, step)), rateText(lastRate(after)), steps});
}

std::string lengtheningText(const RunConfig &config, int64_t step, int64_t steps, ScheduleChange taken)
{
    if (!asksForScheduleChange(config, steps))
        return {};
    const std::string rate = rateText(learningRateAt(config, std::max<int64_t>(0, step - 1)));
    std::string text = config.steps > 0 ? pretext::said("%1 steps instead of %2: the learning rate is %3 now", {steps, config.steps, rate})
                                        : pretext::said("%1 steps instead of no planned end: the learning rate is %2 now", {steps, rate});
    for (const ScheduleChange change : {ScheduleChange::hold, ScheduleChange::rewarm, ScheduleChange::stretch})
        text += "; " + pretext::said("with %1 it %2", {nameOf(change), scheduleChangeText(config, step, steps, change)});
    return text + "; " + pretext::said("%1 is what was chosen", {nameOf(taken)});
}

} // namespace pretext
