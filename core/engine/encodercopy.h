// A host copy of the encoder as it was after a step: what is analysed while training moves on, since nobody but the trainer touches a live weight.
#pragma once

#include "core/engine/model.h"

#include <memory>
#include <vector>

namespace pretext {

struct EncoderCopy
{
    CheckpointState state;
    std::vector<std::vector<float>> tensors; // the encoder's parameters, then its buffers, in their order; where there is a projector the heads' likewise
};

std::shared_ptr<const EncoderCopy> copyOf(const Model &model, CheckpointState state);
Shown shownCopyOf(const Model &model, CheckpointState state); // the same, which need not be waited for
/// An encoder of the caller's own, in evaluation mode; with a method where that has a projector, whose heads are then the run's.
TrainedEncoder encoderOf(const EncoderCopy &copy);
/// What maps embeddings to what the method compares; null where it compares none, or something else.
Module *projectorOf(Method &method);

} // namespace pretext
