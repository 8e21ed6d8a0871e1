// How a run gets to a step of which no checkpoint is kept: from the one before it takes the same steps again, with the changes of knobs that the run
// took on the way. Steps are functions of weights, seed and knobs, so these are the same bit for bit.
#pragma once

#include "core/engine/config.h"
#include "core/engine/lanes.h"

#include <map>
#include <string>
#include <vector>

namespace pretext {

struct ChangedKnob
{
    int64_t step = 0; // the first that it was in force for
    std::string name;
    KnobValue value;
    bool operator==(const ChangedKnob &) const = default;
};

struct StepsAgain
{
    int64_t to = 0;                   // the last of them; none where that is not past the checkpoint
    std::vector<ChangedKnob> changes; // in order
};

/// The steps after `from`, of a checkpoint with this config, to `to`. `events` are all of the run; what it took back since, by a rewind or a resume
/// from an earlier step, is not among them. Throws std::runtime_error where the run's planned end moved on the way, by which its learning rates were
/// others.
StepsAgain stepsAgain(const std::vector<Event> &events, const RunConfig &config, int64_t from, int64_t to);

/// What knobs had at a step that have been changed since, as texts, by the alphabet: those that are no longer what they were.
std::map<std::string, std::string> knobsThen(const std::vector<Event> &events, int64_t step);

} // namespace pretext
