// One layer of a transformer: attention to itself, perhaps attention to an encoder's states, and a feed-forward part, each with its
// norm and residual.
#pragma once

#include "core/nn/transformertrunk.h"

namespace pretext {

class Linear;

class AttentionLayer : public Module
{
public:
    AttentionLayer(const TrunkOptions &options, bool cross, Random &random);
    Variable attend(const Variable &x, TrunkPass &pass);
    Tensor weights(const Variable &x, const TrunkPass &pass);

protected:
    Variable forward(const Variable &x) override;

private:
    AttentionOptions optionsOf(const TrunkPass &pass) const;
    AttentionMask maskOf(const TrunkPass &pass) const;
    int m_heads;
    bool m_cross;
    Linear *m_query = nullptr; // of cross attention; else `m_projection` gives queries, keys and values
    Linear *m_projection;
    Module *m_output;
};

class TransformerBlock : public Module
{
public:
    TransformerBlock(const TrunkOptions &options, Random &random);
    Variable run(const Variable &x, TrunkPass &pass);
    /// The attention probabilities behind `run`.
    Tensor weights(const Variable &x, TrunkPass &pass, bool cross);

protected:
    Variable forward(const Variable &x) override;

private:
    template<class Part>
    Variable withResidual(const Variable &x, Module &norm, TrunkPass &pass, Part part);
    Variable feedForward(const Variable &x);

    bool m_postNorm;
    Activation m_activation;
    AttentionLayer *m_attention, *m_crossAttention = nullptr;
    Module *m_attentionNorm, *m_crossNorm = nullptr, *m_feedForwardNorm, *m_down;
    Linear *m_up;
};

} // namespace pretext
