// What methods that rebuild an image from its embedding share: the encoder's embedding goes through a code of few dimensions and a decoder, and what comes
// out is held against the image. N images [H, W, C]; code z [N, K]. Where a sample has two views the first is to be rebuilt and the second is given.
#pragma once

#include "core/nn/heads.h"
#include "core/nn/imagedecoder.h"
#include "core/ssl/method.h"

namespace pretext {

class Rebuilding : public Method
{
public:
    explicit Rebuilding(const MethodParts &parts);
    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; } // the decoder is of no use behind the embedding
    /// The mean squared error of normalised values, and what the knob "regulariser" adds.
    Variable loss(Encoder &encoder, const StepInput &input) override;

private:
    Heads m_heads;
    Module &m_code;
    ImageDecoder &m_decoder;
};

/// code.dimension, decoder.width, and the regulariser R(z) with its weight β.
std::vector<Knob> rebuildingKnobs();

} // namespace pretext
