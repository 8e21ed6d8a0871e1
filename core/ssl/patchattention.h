// Which patches of an image attend to which, for whoever looks, whatever the method.
#pragma once

#include "core/channels/recorder.h"
#include "core/data/batch.h"
#include "core/nn/encoder.h"

namespace pretext {

class PatchEncoder;

constexpr int64_t kViewsWithAttention = 64;

/// Offers patches/attention, of the batch's first view, and patches/attention/R of its first views, as the encoder sees them whole; nothing of
/// an encoder that sees no patches. Encoder and batch outlive the offers.
void offerPatchAttention(Encoder &encoder, const Batch &batch, Recorder &recorder);

/// Of one image [1, H, W, C].
AttentionView attentionOf(PatchEncoder &encoder, const Variable &image);
Shown shownAttentionOf(PatchEncoder &encoder, const Variable &image); // the same, which need not be waited for

} // namespace pretext
