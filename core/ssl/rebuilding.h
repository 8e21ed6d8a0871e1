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
    /// `channels`: of what is painted, where that is not all of the image's.
    explicit Rebuilding(const MethodParts &parts, int channels = 0);
    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; } // the decoder is of no use behind the embedding
    /// The mean squared error of normalised values, and what the knob "regulariser" adds.
    Variable loss(Encoder &encoder, const StepInput &input) override;

protected:
    struct Rebuilt
    {
        Variable h, z, images; // [N, D], [N, K], [N, H, W, channels]
    };
    Rebuilt rebuild(Encoder &encoder, const Variable &given);
    /// The error [1] with what the regulariser adds; writes the scalars of both, and offers the embeddings.
    static Variable regularised(const Variable &error, const Rebuilt &rebuilt, const StepInput &input);

private:
    Heads m_heads;
    Module &m_code;
    ImageDecoder &m_decoder;
};

/// A batch's first images, in front of panels: [64, H W C] at most.
Shown shownImages(const Tensor &images);
Tensor firstImages(const Tensor &images); // the same on the device, [N, H, W, C]
/// Of each pixel the mean over channels, [N, H W].
Shown shownErrors(const Tensor &got, const Tensor &wanted);
Matrix squaredErrors(const Matrix &got, const Matrix &wanted, int channels);

/// code.dimension, decoder.width, and the regulariser R(z) with its weight β.
std::vector<Knob> rebuildingKnobs();

} // namespace pretext
