// The same sentence as each objective that predicts tokens would train on it, side by side: made by the objectives' own makers of rows.
#pragma once

#include "core/channels/tokens.h"
#include "core/knobs/knob.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

class Tokenizer;

struct ObjectiveQuestion
{
    std::string sentence;
    std::map<std::string, KnobValue> knobs = {}; // of a job; what a method declares and is not here is at its default
    uint64_t seed = 1;
    uint32_t draw = 0; // another one is corrupted otherwise, as in another epoch
};

/// Of mlm, clm, prefix and denoise, in this order; a row is cut to the context ("encoder.context").
std::vector<Objective> objectivesOf(const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer);

} // namespace pretext
