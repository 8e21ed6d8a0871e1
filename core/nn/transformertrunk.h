// A transformer's trunk: blocks of attention and feed-forward over vectors that something else has made, of tokens or of patches of an image,
// and where norms stand before the blocks, one at the end. N samples, T positions, D features.
#pragma once

#include "core/autograd/operations.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

#include <vector>

namespace pretext {

struct TrunkOptions
{
    int layers = 4, width = 128, heads = 4, feedForward = 512;
    bool postNorm = false;        // norm(x + f(x)), else x + f(norm(x)) and a norm at the end
    bool crossAttention = false;  // the blocks also attend to an encoder's states
    bool finalBias = true;        // the norm at the end has a bias
    bool scaledResiduals = false; // initial weights that lead into the residual stream are divided by sqrt(2 layers)
    Activation activation = Activation::gelu;
    float epsilon = 1e-5f;   // of the norms
    float deviation = 0.02f; // of initial weights, normal
};

/// What a trunk with cross attention looks at: states [N, S, D], and i32 [N] lengths or undefined.
struct TransformerMemory
{
    Variable states;
    Tensor lengths = {};
};

/// What a pass through the trunk may see, and what it drops.
struct TrunkPass
{
    AttentionMask mask = {}; // of attention of the positions to each other
    bool causal = false;
    TransformerMemory memory = {};
    DropoutOptions dropout = {}; // acts in training mode only; every dropout takes the next site from key.site on
};

class TransformerBlock;

class TransformerTrunk : public Module
{
public:
    /// Throws std::invalid_argument where the heads do not divide the width, or an extent is below 1.
    TransformerTrunk(const TrunkOptions &options, Random &random);
    ~TransformerTrunk() override;

    /// [N, T, D] -> [N, T, D]
    Variable run(Variable x, const TrunkPass &pass);
    /// Attention probabilities [N, heads, T, T] of one layer, without dropout; of cross attention [N, heads, T, S].
    Tensor attention(Variable x, const TrunkPass &pass, int layer, bool cross = false);

    const TrunkOptions &options() const { return m_options; }

protected:
    Variable forward(const Variable &x) override { return run(x, {}); }

private:
    TrunkOptions m_options;
    Module *m_finalNorm = nullptr;
    std::vector<TransformerBlock *> m_blocks;
};

} // namespace pretext
