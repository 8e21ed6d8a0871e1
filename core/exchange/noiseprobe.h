// Embeddings of made-up samples, the same every time: by them a file is compared with the encoder that it was written from.
#pragma once

#include "core/channels/channel.h"
#include "core/data/preparedimages.h"
#include "core/nn/encoder.h"
#include "core/nn/textencoder.h"

namespace pretext {

constexpr int kNoiseSamples = 4;

/// A few images of noise, through the projector where there is one.
Matrix embedNoise(Encoder &encoder, Module *projector, const Preprocessing &preprocessing);
/// A few rows of made-up tokens.
Matrix embedNoiseRows(TextEncoder &encoder);

} // namespace pretext
