// What methods that compare views tell of a batch's embeddings: z [2N, D] of unit rows, rows i and i + N of one sample; [VN, D] where there are more views.
#pragma once

#include "core/ssl/method.h"
#include "core/ssl/share.h"
#include "core/ssl/shown.h"

namespace pretext {

/// Of a contrastive method: similarity/positive, similarity/negative and accuracy/contrastive, the share of views whose positive is nearer than
/// every other view. It offers the embeddings and all cosines. `nearest` [2N] is 1 for those views whose positive is nearest, where the loss knows
/// them already (see ntXent).
void recordNearest(const Tensor &z, Recorder &recorder, const Tensor &nearest = {});
/// The same, and what the loss's softmax makes of them (see share.h) at the knob "temperature": as it
/// stands when the channel is made, so that a run at rest shows what another temperature would do.
void recordSimilarity(const Tensor &z, const StepInput &input, Contrast contrast, const Tensor &nearest = {});
/// The same of a loss that takes the softmax of its own similarities [N, N] of the first views with the second ones, of which the diagonal are the
/// positives: accuracy/contrastive is the share of first views whose positive is the most similar. z [2N, D] of unit rows.
void recordAcross(const Tensor &z, const Tensor &similarities, const StepInput &input);
/// Of a method without negatives: similarity/positive, similarity/negative and embedding/std, the mean over dimensions of the deviation over the
/// batch, which is 1 / sqrt(D) where the rows are spread evenly and 0 where they have collapsed (Chen & He 2021, section 4.1); and the same offers.
void recordViews(const Tensor &z, Recorder &recorder, int64_t views = 2);
/// similarity/positive and similarity/negative, and the offers of embeddings and cosines: what all of the above begin with.
void recordMeans(const Tensor &z, Recorder &recorder, int64_t views = 2);
/// Offers the encoder's features h [VN, D], before the projector.
void recordFeatures(const Variable &h, Recorder &recorder);
/// The rows' first half and second half change places: of each view what belongs to the sample's other one.
Variable ofOtherView(const Variable &x);
/// [N, N] of one number on the diagonal and another beside it.
Tensor diagonalMatrix(int64_t n, float diagonal, float beside);
/// temperature, which is live: what similarities are divided by before a softmax.
Knob temperatureKnob(double value, const std::string &help);
/// The encoder on views, in a scope of its name.
Variable embedViews(Encoder &encoder, const Variable &views);
Matrix hostMatrix(const Tensor &x); // [M, D]; waits for it

} // namespace pretext
