// What a masked autoencoder puts behind its encoder: a decoder that paints the hidden patches, and what they are to be (He et al. 2022, "Masked
// autoencoders are scalable vision learners"). N images, T patches of V values, K kept and M hidden of each, c class tokens, D features of the encoder.
#pragma once

#include "core/nn/layers.h"
#include "core/nn/patchencoder.h"
#include "core/nn/transformertrunk.h"

#include <span>
#include <vector>

namespace pretext {

/// Of a batch: what the encoder is given, and where the decoder finds it again.
struct PatchMasks
{
    KeptPatches kept;
    std::vector<int32_t> order;  // [N T]: of each patch its row among the encoder's N (c + K); the one behind them where it is hidden
    std::vector<int32_t> hidden; // [N M] rows of N x T
    int64_t images = 0;          // N
};
/// `kept` [N, K], row-major, of every image equally many.
PatchMasks patchMasks(std::span<const int32_t> kept, int64_t images, const PatchGrid &grid, int classTokens);

/// decoder.width, .layers, .heads.
std::vector<Knob> patchDecoderKnobs();

/// Puts the encoder's patches back in their places, one learned vector wherever one is hidden, and paints those. A class token is left out.
class PatchDecoder : public Module
{
public:
    PatchDecoder(const KnobSet &knobs, const PatchEncoder &encoder, Random &random);
    /// hidden [N, c + K, D] -> [N M, V]
    Variable paint(const Variable &hidden, const PatchMasks &masks);

protected:
    Variable forward(const Variable &hidden) override { return m_embed(hidden); }

private:
    PatchGrid m_grid;
    TrunkOptions m_options;
    Linear &m_embed;
    Variable m_maskToken, m_positions;
    TransformerTrunk &m_trunk;
    Linear &m_predict;
};

/// What hidden patches are to be: their pixels, or these less the patch's mean and over its deviation, so that what counts is structure, not
/// brightness. A patch of one value is never normalised.
struct PatchTargets
{
    PatchTargets(const Variable &images, const PatchMasks &masks, const PatchGrid &grid, bool normalised);
    /// What the decoder painted, as pixels.
    Variable pixels(const Variable &painted) const;

    Variable values, average, deviation; // [N M, V]; [N M, 1], or undefined where they are not normalised
};

} // namespace pretext
