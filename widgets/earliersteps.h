// The steps of a resumed run that were taken before it was opened, as its folder has them: put before those that arrived since.
#pragma once

#include "core/engine/runfolder.h"
#include "widgets/scalarhistory.h"

namespace pretext {

struct EarlierSteps
{
    MetricsTable metrics;
    std::vector<Event> events;
};
/// Throws naming the file. Not for the window's thread.
EarlierSteps readEarlierSteps(const std::filesystem::path &run);
/// What both have counts once, as it arrived; of steps after `last` nothing is taken.
void putBefore(EarlierSteps earlier, int64_t last, ScalarHistory &history, std::vector<Event> &events);

} // namespace pretext
