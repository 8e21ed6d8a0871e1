// Where the heads of a transformer look before anything is learned.
#pragma once

#include "core/nn/transformer.h"

#include <vector>

namespace pretext {

/// Positions begin as sinusoids (Vaswani et al. 2017, section 3.5) of the tokens' own size instead of as noise: "the token beside me" is then
/// a turn of the position's vector, which attention finds in a fraction of the steps. They are trained from there on.
void beginAsSinusoids(Transformer &transformer);

/// The heads of the first layer begin by looking one head at one neighbour, `offsets[head]` places on, the others by looking anywhere: what a
/// model of language otherwise spends its first thousands of steps on, on the plateau where it knows words but not their order. Only
/// initial weights: the sinusoids get as many frequencies as a head can tell apart, and a head's queries the keys' turned by its offset.
void beginAtNeighbours(Transformer &transformer, const std::vector<int> &offsets);

} // namespace pretext
