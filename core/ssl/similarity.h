// What contrastive methods tell of a batch's embeddings: z [2N, D] of unit rows, rows i and i + N positive.
#pragma once

#include "core/ssl/method.h"

namespace pretext {

/// Records similarity/positive, similarity/negative and accuracy/contrastive, the share of views whose positive is nearer than every other view,
/// and offers the embeddings and all cosines. `nearest` [2N] is 1 for those views where the loss knows them already (see ntXent).
void recordSimilarity(const Tensor &z, Recorder &recorder, const Tensor &nearest = {});

} // namespace pretext
