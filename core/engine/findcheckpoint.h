// Which checkpoint of a run is used: the newest that is whole. One that is damaged is passed over, and said to be.
#pragma once

#include "core/engine/model.h"

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace pretext {

struct DamagedCheckpoint
{
    std::filesystem::path path;
    std::string why;
};

/// A checkpoint that was read, and fits the model that its config describes.
struct LoadedCheckpoint
{
    std::filesystem::path path;
    CheckpointState state;
    Model model;
    std::vector<DamagedCheckpoint> damaged = {}; // newer ones, newest first
};

/// A run's newest whole checkpoint, of a step up to `upTo`, or a checkpoint file itself. Throws std::runtime_error naming the path where there is none,
/// or none that is whole.
LoadedCheckpoint loadNewest(const std::filesystem::path &runOrFile, int64_t upTo = std::numeric_limits<int64_t>::max());
/// "step-00000040.safetensors was passed over: ...; step-00000020.safetensors is taken instead".
std::string passedOver(const DamagedCheckpoint &damaged, const std::filesystem::path &taken);
/// A run that was ended before its first checkpoint: it has a config, and can only begin again.
bool isWithoutCheckpoint(const std::filesystem::path &run);
/// Moves it to RUN/checkpoints/damaged/, under a name that is free there.
void setAside(const std::filesystem::path &checkpoint);

} // namespace pretext
