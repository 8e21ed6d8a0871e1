// Noise whose pieces change places.
#pragma once

#include "core/data/corrupt/textnoise.h"

namespace pretext {

using Cuts = std::vector<size_t>; // where pieces begin, and the end

/// Spans of Poisson length, at least one token and where possible at least two spans.
Cuts spanCuts(const NoiseTask &task, Random &random);

/// Some of the pieces take each other's places: the strength of them, rounded, but at least two unless it is 0.
void permutePieces(const Cuts &cuts, float strength, Random &random, Rewriter &rewriter);

} // namespace pretext
