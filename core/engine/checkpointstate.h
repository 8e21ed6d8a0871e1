// What a checkpoint holds besides its tensors, as the metadata of a safetensors file and back. Whatever comes from a file is held against
// what it is used with before it is used.
#pragma once

#include "core/engine/model.h"

#include <map>
#include <string>

namespace pretext {

std::map<std::string, std::string> checkpointMetadata(const CheckpointState &state, int64_t optimizerSteps);

struct CheckpointMetadata
{
    CheckpointState state;
    int64_t optimizerSteps = 0;
};
/// Throws std::invalid_argument naming the field, its value and the rule.
CheckpointMetadata readCheckpointMetadata(const std::map<std::string, std::string> &metadata);

} // namespace pretext
