// What a listener asks of the trainer. A newer command with the same key replaces an older one that was not yet taken.
#pragma once

#include "core/engine/knob.h"

#include <cstdint>
#include <string>
#include <variant>

namespace pretext {

struct SetKnob { std::string name; KnobValue value; };   // keyed by the knob's name
struct Play {};                                          // Play, Pause and Stop share one key
struct Pause {};
struct StepOnce { int64_t count = 1; };                  // takes that many steps, then pauses
struct Rewind {};                                        // back to step 0 and the same initial weights, knobs kept
struct SaveCheckpoint {};
struct Extend { int64_t steps = 0; };                    // moves the planned end
using Command = std::variant<SetKnob, Play, Pause, StepOnce, Rewind, SaveCheckpoint, Extend>;

std::string keyOf(const Command &command);

} // namespace pretext
