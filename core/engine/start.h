// How a run begins: from random weights, from given ones, or from the state that a checkpoint holds, in the same run or in another.
#pragma once

#include "core/engine/findcheckpoint.h"
#include "core/engine/stepsagain.h"

#include <filesystem>
#include <variant>
#include <vector>

namespace pretext {

/// From random weights, a function of the seed.
struct Fresh
{
};
/// From the weights of a run or a safetensors file; what does not fit stays random.
struct Initialised
{
    std::filesystem::path weights;
};
/// The run in TrainerOptions::out goes on from one of its checkpoints. Without a checkpoint it was ended before its first, and begins again as
/// its config says.
struct Resumed
{
    std::filesystem::path checkpoint = {};
    std::vector<DamagedCheckpoint> damaged = {}; // newer ones of the run, to be set aside
    StepsAgain again = {};                       // before it goes on
};
/// Another run begins with all that the checkpoint of its parent holds: weights, moments, followers, knobs, tokenizer, and the step. Left alone it
/// takes the very steps that its parent took from there.
struct Forked
{
    std::filesystem::path checkpoint;            // RUN/checkpoints/step-N.safetensors
    std::vector<DamagedCheckpoint> damaged = {}; // newer ones of the parent, left where they are
    StepsAgain again = {};                       // that the parent took, before it parts from it
};
using Start = std::variant<Fresh, Initialised, Resumed, Forked>;

/// How a new run of this config begins: with its initial weights, where it names any.
Start startOf(const RunConfig &config);
/// Whose state it goes on from; empty where it begins with a model of its own.
const std::filesystem::path &checkpointOf(const Start &start);
/// Empty where there are none.
const std::vector<DamagedCheckpoint> &damagedOf(const Start &start);
const StepsAgain &againOf(const Start &start);
inline bool isResumed(const Start &start)
{
    return std::holds_alternative<Resumed>(start);
}
/// Resumed without a checkpoint.
bool beginsAgain(const Start &start);

/// The run that was forked, or a checkpoint that is in no run's folder, and at which step; of a start from one. Throws std::runtime_error naming the file.
Parent parentOf(const Start &start);
std::filesystem::path checkpointOf(const Parent &parent);

} // namespace pretext
