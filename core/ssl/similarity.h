// What contrastive methods tell of a batch's embeddings: z [2N, D] of unit rows, rows i and i + N positive.
#pragma once

#include "core/ssl/method.h"

namespace pretext {

/// Records similarity/positive, similarity/negative and accuracy/contrastive, and offers the embeddings and all cosines.
void recordSimilarity(const Tensor &z, Recorder &recorder);

} // namespace pretext
