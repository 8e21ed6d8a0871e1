// Prototypes: directions that embeddings are compared with and shared out among, the cluster centres of SwAV and the outputs of DINO.
#pragma once

#include "core/knobs/knob.h"
#include "core/nn/module.h"
#include "core/ssl/method.h"
#include "core/tensor/random.h"

namespace pretext {

/// Embeddings [N, D] -> cosines with each of K directions, [N, K]. The weight's rows count by their direction alone, as in the authors' weight
/// normalisation (DINO) and renormalisation after each step (SwAV).
class Prototypes : public Module
{
public:
    Prototypes(int dimension, int count, Random &random);

protected:
    Variable forward(const Variable &z) override;

private:
    Variable m_weight;
};

/// prototypes, which only a new run can change.
Knob prototypesKnob(double count);
/// Mean over the rows of the cross-entropy of shares q [N, K], which get no gradient, with softmax(scores / temperature) -> [1].
Variable softCrossEntropy(const Variable &scores, float temperature, const Variable &shares);
/// prototypes/used: the exponential of the entropy of the mean share, as many as are really used, 1 .. K; offers prototypes/shares, [M, K].
void recordShares(const Tensor &shares, Recorder &recorder);
/// Offers prototypes/foretold: what softmax(scores / temperature) foretells of the shares of each view, [VN, K].
void recordForetold(const Tensor &scores, float temperature, Recorder &recorder);

} // namespace pretext
