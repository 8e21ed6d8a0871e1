#include "core/nn/schedule.h"

#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace pretext {

namespace {

SchedulePlan writtenPlan(const SchedulePlan &plan, int64_t steps)
{
    return plan.empty() ? SchedulePlan{{0, steps, 0, double(steps)}} : plan;
}

const ScheduleSegment &segmentAt(const SchedulePlan &plan, int64_t step)
{
    const auto later = std::find_if(plan.begin() + 1, plan.end(), [step](const ScheduleSegment &segment) { return segment.begin > step; });
    return *(later - 1);
}

double positionIn(const ScheduleSegment &segment, int64_t step)
{
    return segment.from + (segment.length - segment.from) * double(step - segment.begin) / double(segment.end - segment.begin);
}

[[noreturn]] void rejectPlan(const std::string &why)
{
    throw std::invalid_argument("[schedule] " + why);
}

} // namespace

float scheduleFactor(const std::string &schedule, double position, double length, float warmup)
{
    if (schedule != "cosine" && schedule != "constant")
        throw std::invalid_argument("[schedule] " + said("there is no schedule \"%1\"; there are cosine, constant", {schedule}));
    if (length <= 0)
        return 1.f; // no planned end: nothing to take a share of
    const double ramp = std::round(static_cast<double>(warmup) * length);
    if (position < ramp)
        return static_cast<float>((position + 1) / ramp);
    if (schedule == "constant")
        return 1.f;
    const double progress = (position - ramp) / std::max(1.0, length - ramp);
    return static_cast<float>(0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, progress))));
}

float scheduleFactor(const std::string &schedule, int64_t step, int64_t steps, const SchedulePlan &plan, float warmup)
{
    const SchedulePlan whole = writtenPlan(plan, steps);
    const ScheduleSegment &segment = segmentAt(whole, step);
    if (segment.length <= 0)
        return scheduleFactor(schedule, 0., 0., warmup);
    const int64_t last = plan.empty() ? step : std::max(segment.begin, std::min(step, segment.end - 1));
    return std::min(1.f, scheduleFactor(schedule, positionIn(segment, last), segment.length, warmup));
}

void checkPlan(const SchedulePlan &plan)
{
    for (size_t i = 0; i < plan.size(); ++i) {
        const ScheduleSegment &segment = plan[i];
        const bool endless = segment.length == 0 && segment.from == 0; // of a run that had no planned end
        if (i == 0 ? segment.begin != 0 : segment.begin <= plan[i - 1].begin)
            rejectPlan(said("segment %1 of the plan begins at step %2; segments begin at 0 and follow each other", {i + 1, segment.begin}));
        if (!endless && segment.end <= segment.begin)
            rejectPlan(said("segment %1 of the plan ends at step %2, before it has a step", {i + 1, segment.end}));
        if (!std::isfinite(segment.from) || !std::isfinite(segment.length) || segment.from < 0 || (!endless && segment.from >= segment.length))
            rejectPlan(said("segment %1 of the plan goes from %2 to %3; it must rise from 0 or more",
                            {i + 1, std::to_string(segment.from), std::to_string(segment.length)}));
    }
}

const char *nameOf(ScheduleChange change)
{
    return change == ScheduleChange::hold ? "hold" : change == ScheduleChange::rewarm ? "rewarm" : "stretch";
}

ScheduleChange scheduleChangeNamed(const std::string &name)
{
    for (const ScheduleChange change : {ScheduleChange::hold, ScheduleChange::rewarm, ScheduleChange::stretch})
        if (name == nameOf(change))
            return change;
    throw std::invalid_argument("[schedule] " + said("'%1' is not one of hold, rewarm, stretch", {name}));
}

SchedulePlan changedPlan(const SchedulePlan &plan, ScheduleChange change, int64_t step, int64_t before, int64_t after)
{
    if (change == ScheduleChange::stretch)
        return {};
    SchedulePlan changed = writtenPlan(plan, before);
    const int64_t from = std::max(step, before); // the steps that are added come after this one
    if (change == ScheduleChange::rewarm && after > from) {
        std::erase_if(changed, [from](const ScheduleSegment &segment) { return segment.begin >= from; });
        changed.push_back({from, after, 0, double(after - from)});
    }
    const ScheduleSegment whole{0, after, 0, double(after)};
    return changed == SchedulePlan{whole} ? SchedulePlan{} : changed;
}

SchedulePlan fittedPlan(const SchedulePlan &plan, int64_t step, int64_t before, int64_t after)
{
    SchedulePlan fitted = writtenPlan(plan, before);
    const ScheduleSegment now = segmentAt(fitted, step);
    if (now.length <= 0 || step >= now.end || after <= step)
        return fitted; // there is nothing left of it to lay out
    std::erase_if(fitted, [step](const ScheduleSegment &segment) { return segment.begin >= step; });
    fitted.push_back({step, after, positionIn(now, step), now.length});
    return fitted;
}

} // namespace pretext
