// A queue of embeddings of the batches before: negatives of MoCo, candidates of NNCLR. Saved with the followers, so that a resumed run goes on with it.
#pragma once

#include "core/knobs/knob.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

namespace pretext {

/// Rows [K, D] of length 1, the newest first; before the first batch they are random directions.
class EmbeddingQueue : public Module
{
public:
    EmbeddingQueue(int64_t size, int64_t dimension, Random &random);
    const Tensor &rows() const { return m_rows; }
    /// [N, D] come in, and the N oldest go; of more than K the first K.
    void push(const Tensor &embeddings);

protected:
    /// Cosines with every row: [N, D] -> [N, K].
    Variable forward(const Variable &z) override;

private:
    Tensor m_rows;
};

/// queue.size
Knob queueKnob(double size);

} // namespace pretext
