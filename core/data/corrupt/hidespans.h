// Noise that hides spans of tokens behind one [MASK] each.
#pragma once

#include "core/data/corrupt/textnoise.h"

namespace pretext {

/// Spans of Poisson length, at least `shortest`, until exactly the strength of the tokens is hidden. They lie between the tokens that stay, each in a
/// gap of its own, so that no two touch.
void hideSpans(const NoiseTask &task, size_t shortest, Random &random, Rewriter &rewriter);

} // namespace pretext
