// A decoder from a vector to an image: the reverse of a small convolutional encoder, for methods that rebuild what they were given.
#pragma once

#include "core/data/modality.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

#include <memory>
#include <vector>

namespace pretext {

/// Codes [N, D] -> images [N, H, W, C], of normalised values. A linear layer makes a grid of at most 8 x 8 places, each step doubles its sides by
/// repeating pixels and smooths them by a convolution (Odena et al. 2016, "Deconvolution and checkerboard artifacts", why not transposed ones).
class ImageDecoder : public Module
{
public:
    ImageDecoder(int inputs, ImageShape image, int width, Random &random);

protected:
    Variable forward(const Variable &code) override;

private:
    ImageShape m_image;
    int m_rows, m_columns, m_width; // of the first grid
    Module *m_linear, *m_linearNorm, *m_last;
    std::vector<std::pair<Module *, Module *>> m_steps; // a convolution and its norm
};

} // namespace pretext
