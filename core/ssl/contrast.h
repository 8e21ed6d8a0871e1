// Cross-entropies of pairs, beside SimCLR's, which is an operation (ntXent). Rows i and i + N of z [2N, D] are of one sample.
#pragma once

#include "core/autograd/variable.h"

#include <cstdint>

namespace pretext {

enum class Likeness : uint8_t { cosine, product, euclidean, rbf };
/// Of each row of a [N, D] with each of b [M, D] -> [N, M]: the cosine; the inner product; minus the Euclidean distance d; exp(-d^2 / (2 width^2)).
Variable likeness(const Variable &a, const Variable &b, Likeness kind, float width = 1);

/// InfoNCE (van den Oord et al. 2018, eq. 4): cross-entropy of each of N queries' own key among all keys, where similarities [N, M] have query i's own
/// in column i -> [1], the mean. `temperature` divides them.
Variable infoNce(const Variable &similarities, float temperature);
/// Gao et al. 2021, eq. 1, averaged over the N sentences: InfoNCE of each sentence's second view among all second views, by cosine. Unlike in NT-Xent
/// the first views are no negatives. z [2N, D] with unit rows -> [1].
Variable simcseLoss(const Variable &z, float temperature);

} // namespace pretext
