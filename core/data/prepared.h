// What is made ready of data before a run's first step. Each kind of data derives its own.
#pragma once

#include "core/data/modality.h"

namespace pretext {

/// What every sample is treated with on its way to the encoder: the mean and deviation of pixels, a tokenizer. It is found on the training
/// split and saved in every checkpoint, so that a checkpoint alone is enough to use the encoder on other data.
class Prepared
{
public:
    virtual ~Prepared() = default;
    /// What an encoder of such samples is made for.
    virtual InputShape input() const = 0;
    Modality modality() const { return input().modality; }
};

/// A split's samples made ready, once, when a run starts: texts as their tokens. It can be made again and is not saved.
class PreparedSplit
{
public:
    virtual ~PreparedSplit() = default;
};

} // namespace pretext
