// In-context learning on the operators (see data/text/operators.h): answers against the number of examples in the prompt.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <vector>

namespace pretext {

/// Share of held-out prompts that are answered rightly.
struct InContextScore
{
    int examples = 0, prompts = 0;
    double accuracy = 0;
};
constexpr double kInContextChance = 0.1; // whatever the pair, every digit is right for two operators of twenty

/// After 0, 1, ... examples, as many as the context holds: the most probable token after "A:" of all tokens is the answer. Every prompt asks
/// for a combination of operator and pair that is in no training document. For methods that continue a text; of others empty.
std::vector<InContextScore> inContextAccuracy(TrainedEncoder &trained, const Dataset &operators, int prompts, const std::function<bool(double)> &progress = {});

} // namespace pretext
