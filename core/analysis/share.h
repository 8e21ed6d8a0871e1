// What temperature does: how the softmax over an anchor's similarities, and with it the gradient, is shared among the other views.
#pragma once

#include "core/engine/snapshot.h"

namespace pretext {

/// Row-wise softmax of cosine / temperature over all but the diagonal; NaN (blank) on the diagonal. `cosine` is square.
Matrix softmaxRows(const Matrix &cosine, float temperature);
/// Share of anchor i's repulsion that negative j carries: p_ij over the sum of p_ik of i's negatives, from a 2N x 2N cosine matrix in which
/// rows i and i + N are positives; NaN on the diagonal and at the positive. It is d loss / d s_ij over the sum of the same of all
/// negatives, since NT-Xent's gradient there is p_ij / temperature up to a factor common to the row.
Matrix gradientShare(const Matrix &cosine, float temperature);

} // namespace pretext
