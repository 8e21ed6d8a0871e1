// Whitening of an encoder's embeddings: as learned, a few directions hold most of their variance, so that a cosine sees these alone; whitened, each
// direction counts alike.
#pragma once

#include "core/nn/module.h"

#include <functional>
#include <vector>

namespace pretext {

/// [N, D] -> [N, D], each feature standardised, then multiplied by the inverse Cholesky factor of their correlations with a tenth of the identity added: cosines are
/// then nearly those of Mahalanobis (Kessy et al. 2018, "Optimal whitening and decorrelation", section 2). By statistics that it follows while an encoder trains; as they
/// are at first it changes no cosine.
class Whitening : public Module
{
public:
    explicit Whitening(int features);
    /// Lets mean and covariance move towards those of every eighth batch of embeddings [N, D]; the first are taken as they are.
    void follow(const Tensor &embeddings);
    /// What it does now, which lives on by itself.
    std::function<Variable(const Variable &)> map();

protected:
    Variable forward(const Variable &x) override;

private:
    /// Makes weight and bias for the statistics of now.
    void update();

    int64_t m_seen = -1;                  // what m_count has; not known before the first batch
    Tensor m_mean, m_covariance, m_count; // [D], [D, D], [1] how many batches came by
    std::vector<float> m_madeFor;         // the covariance that the two are made for
    Variable m_weight, m_bias;
};

} // namespace pretext
