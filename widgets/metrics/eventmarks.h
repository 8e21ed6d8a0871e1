// What happened to a run, as marks along its curves: knobs that changed, and a planned end that moved.
#pragma once

#include "core/engine/lanes.h"
#include "widgets/metrics/stepmarks.h"

#include <vector>

namespace pretext {

/// Of the steps that a rewind took back none; the changes of one drag are one mark.
std::vector<Mark> marksOf(const std::vector<Event> &events);

} // namespace pretext
