// What happened to a run, as marks along its curves: knobs that changed, and a planned end that moved.
#pragma once

#include "core/engine/lanes.h"
#include "widgets/metrics/stepmarks.h"

#include <optional>
#include <vector>

namespace pretext {

/// Of the steps that a rewind or going back took back none; the changes of one drag are one mark.
std::vector<Mark> marksOf(const std::vector<Event> &events);
/// Of two side by side: what happened to one alone says which; until they parted, what happened to the left one happened to both.
std::vector<Mark> marksOfBoth(const std::vector<Event> &left, const std::vector<Event> &right, std::optional<int64_t> parting);

} // namespace pretext
