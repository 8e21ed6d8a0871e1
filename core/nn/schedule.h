// The learning rate over a run: a linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017), or constant. A run whose end is
// moved on the way has a schedule of segments, each a piece of such a curve laid over so many steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

/// The share of the learning rate at a position of a schedule of `length` steps, both of which may be no whole numbers; 1 where the length is 0, which
/// is no planned end.
float scheduleFactor(const std::string &schedule, double position, double length, float warmup);

/// From step `begin` to step `end` the position goes evenly from `from` to `length`. Past `end` the rate stays at its last.
struct ScheduleSegment
{
    int64_t begin = 0, end = 0;
    double from = 0, length = 0;
    friend bool operator==(const ScheduleSegment &, const ScheduleSegment &) = default;
};

/// The last segment that has begun counts. Empty: one over all planned steps, from its beginning.
using SchedulePlan = std::vector<ScheduleSegment>;

/// Throws std::invalid_argument naming the segment: not in order, not finite, or without steps.
void checkPlan(const SchedulePlan &plan);
float scheduleFactor(const std::string &schedule, int64_t step, int64_t steps, const SchedulePlan &plan, float warmup);

/// What becomes of the learning rate when a run's planned end moves.
///   hold     the schedule goes on as it was planned to its old end, and past that its last rate holds; an earlier end cuts it short
///   rewarm   to its old end as planned, then a new warm-up and cosine over the steps that are added
///   stretch  the schedule is laid over all steps, old and new, which lets the rate jump
enum class ScheduleChange { hold, rewarm, stretch };
const char *nameOf(ScheduleChange change);
ScheduleChange scheduleChangeNamed(const std::string &name); // throws std::invalid_argument for another name

/// The plan of a run at `step` whose end moves from `before` steps (0: it had none) to `after`.
SchedulePlan changedPlan(const SchedulePlan &plan, ScheduleChange change, int64_t step, int64_t before, int64_t after);
/// What is left of the plan at `step` is laid over the steps from there to `after`: the rate does not jump, and still ends at its end.
SchedulePlan fittedPlan(const SchedulePlan &plan, int64_t step, int64_t before, int64_t after);

} // namespace pretext
