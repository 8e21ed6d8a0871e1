// What becomes of the learning rate when a run's planned end moves, in numbers: on resume, when it is extended in the window, and when its minutes are
// planned again.
#pragma once

#include "core/engine/config.h"

namespace pretext {

/// The learning rate of the step after `step` steps, by the config's knobs, planned end and plan.
float learningRateAt(const RunConfig &config, int64_t step);

/// The run at `step` with another planned end.
RunConfig lengthened(RunConfig config, int64_t step, int64_t steps, ScheduleChange change);

/// Whether there is anything to choose: a constant rate is the same whatever the end.
bool asksForScheduleChange(const RunConfig &config, int64_t steps);
/// "keeps 4.1e-05, to step 200": what the learning rate does from `step` on.
std::string scheduleChangeText(const RunConfig &config, int64_t step, int64_t steps, ScheduleChange change);
/// One line with what it is now and what each choice would give; empty where there is nothing to choose.
std::string lengtheningText(const RunConfig &config, int64_t step, int64_t steps, ScheduleChange taken);

} // namespace pretext
