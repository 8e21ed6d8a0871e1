// Encoders that see an image as a grid of patches, each a token of a transformer: all of them, or only those that a mask has left. N images,
// T patches of the grid in row-major order, K of them kept, P the side of a patch, D features.
#pragma once

#include "core/autograd/operations.h"
#include "core/nn/encoder.h"

#include <span>

namespace pretext {

struct PatchGrid
{
    int rows = 0, columns = 0, size = 0, channels = 0; // size: P

    int count() const { return rows * columns; }          // T
    int values() const { return size * size * channels; } // of a patch
    friend bool operator==(const PatchGrid &, const PatchGrid &) = default;
};

/// Throws std::invalid_argument, naming the sizes that fit, where the patches do not divide the image.
PatchGrid patchGrid(const ImageShape &image, int size);
/// [N, H, W, C] -> [N, T, P P C]; a patch's values are in the image's order.
Variable patchesOf(const Variable &images, const PatchGrid &grid);

/// [T, D]: half of the features tell the row, half the column, each by sines and cosines of falling frequency (He et al. 2022, section A.1;
/// Vaswani et al. 2017, section 3.5, along both axes). D is a multiple of 4, or std::invalid_argument says so.
Tensor sinusoidalPositions(const PatchGrid &grid, int width);

/// How positions of a grid become those of another, over the same extent: [T', T] weights of bicubic interpolation between the middles of patches (Keys 1981,
/// "Cubic convolution interpolation for digital image processing", a = -0.75), for views that are smaller than the images.
Tensor positionWeights(const PatchGrid &from, const PatchGrid &to);

/// The patches of each image that are encoded, by their numbers in the grid; of every image equally many.
struct KeptPatches
{
    Tensor places;     // i32 [N K], in the grid
    Tensor rows;       // i32 [N K], counted over N x T
    int64_t count = 0; // K; 0: all patches
};
/// `kept` [N, K], row-major. Throws std::invalid_argument where they are not the same number for each image, or one is not in the grid.
KeptPatches keptPatches(std::span<const int32_t> kept, int64_t images, const PatchGrid &grid);

class PatchEncoder : public Encoder
{
public:
    virtual const PatchGrid &grid() const = 0;
    virtual int layers() const = 0;
    virtual int heads() const = 0;
    /// Tokens that stand before the patches' and are no patch: 1 with a class token.
    virtual int classTokens() const = 0;
    /// [N, classTokens() + T, D], or of the kept patches alone [N, classTokens() + K, D]: the last layer's output.
    virtual Variable hidden(const Variable &images, const KeptPatches &kept = {}) = 0;
    /// Attention probabilities [N, heads, T', T'] of one layer over all tokens, without dropout, for looking at.
    virtual Tensor attention(const Variable &images, int layer) = 0;
};

/// Throws std::invalid_argument where the encoder knows no patches.
PatchEncoder &patchEncoder(Encoder &encoder);

} // namespace pretext
