// What a listener asks of the trainer. A newer command with the same key replaces an older one that was not yet taken.
#pragma once

#include "core/channels/tokens.h"
#include "core/knobs/knob.h"
#include "core/nn/schedule.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace pretext {

class Turns;

struct SetKnob
{
    std::string name;
    KnobValue value;
}; // keyed by the knob's name
struct Play
{
}; // Play, Pause and StepOnce share one key: the newest wish counts
struct Pause
{
};
struct StepOnce
{
    int64_t count = 1;
}; // takes that many steps, then pauses; two not yet taken add up
struct Rewind
{
}; // back to step 0 and the same initial weights, or to where it was forked; knobs kept
struct SaveCheckpoint
{
};
struct Publish
{
}; // a snapshot of the last step now, with what is wanted by now (when paused)
struct Ask
{
    std::string channel;
    std::optional<Question> question;
}; // keyed by the channel, "answer/NAME"; nothing: no longer
struct Extend
{
    int64_t steps = 0;
    ScheduleChange change = ScheduleChange::hold;
}; // moves the planned end; two not yet taken add up
struct TakeTurns
{
    std::shared_ptr<Turns> turns;
    int place = 0;
}; // with the trainers in the other places, from now on; nothing: with nobody
using Command = std::variant<SetKnob, Play, Pause, StepOnce, Rewind, SaveCheckpoint, Publish, Ask, Extend, TakeTurns>;

std::string keyOf(const Command &command);
/// What is left of two commands of one key: the newer, with the older's count where counts add up.
Command merged(const Command &older, Command newer);

} // namespace pretext
