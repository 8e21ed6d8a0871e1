// SimCSE's loss, beside SimCLR's, which is an operation (ntXent).
#pragma once

#include "core/autograd/variable.h"

namespace pretext {

/// Gao et al. 2021, eq. 1, averaged over the N sentences: cross-entropy of each sentence's second view among all second views, by
/// cosine / temperature. Unlike in NT-Xent the first views are no negatives. z [2N, D] with unit rows, rows i and i + N positive -> [1].
Variable simcseLoss(const Variable &z, float temperature);

} // namespace pretext
