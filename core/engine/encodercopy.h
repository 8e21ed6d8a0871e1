// A host copy of the encoder as it was after a step: what the window analyses while training moves on, since nobody but the trainer touches a
// live weight.
#pragma once

#include "core/engine/model.h"

#include <memory>
#include <vector>

namespace pretext {

struct EncoderCopy
{
    CheckpointState state;
    std::vector<std::vector<float>> tensors; // the encoder's parameters, then its buffers, in their order
};

std::shared_ptr<const EncoderCopy> copyOf(const Encoder &encoder, CheckpointState state);
/// An encoder of the caller's own, in evaluation mode, without a method, whose heads were not copied.
TrainedEncoder encoderOf(const EncoderCopy &copy);

} // namespace pretext
