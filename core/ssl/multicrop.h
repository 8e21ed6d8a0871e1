// Multi-crop (Caron et al. 2020, "Unsupervised learning of visual features by contrasting cluster assignments", section 3.3): beside two large views of
// a sample some small crops, seen at a lower resolution and so at little cost. The large views alone give targets; all views have to foretell them, each
// those of the other views. N samples in V views, rows of one kind of views after the other, all first views, then all second ones.
#pragma once

#include "core/knobs/knob.h"
#include "core/ssl/method.h"

#include <vector>

namespace pretext {

/// small_crops, .size, .min_area and .max_area: how many there are of each sample, how large they are, and which share of the image they keep; of
/// samples that are no images none of them.
std::vector<Knob> smallCropKnobs(const InputShape &input);
/// Two views as large as the images, and the small crops that those knobs ask for.
ViewKinds largeAndSmallViews(const KnobSet &knobs);
/// Embeddings of the views of all kinds [V N, D], those of one size together in a pass of their own; a scope of the encoder's name.
Variable embedAllViews(Encoder &encoder, const std::vector<Variable> &views);
/// The mean over the pairs of a large view, which gives its shares [2N, K], and another view, of the cross-entropy of these shares, which get no
/// gradient, with softmax(scores / temperature) of that view; scores [V N, K] -> [1]. (Equations 2 and 6 of the paper, over their number of terms.)
Variable foretellShares(const Variable &scores, float temperature, const Variable &shares);

} // namespace pretext
