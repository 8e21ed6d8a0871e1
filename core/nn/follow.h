// A module whose weights follow another's: the exponential moving average that teachers are made of.
#pragma once

#include "core/nn/module.h"

#include <span>

namespace pretext {

/// Each parameter of `target` becomes momentum times itself plus (1 - momentum) times the one of `online` under the same name (Grill et al. 2020,
/// eq. 1; Tarvainen & Valpola 2017). Buffers are the target's own: its forward passes move them. With a momentum of 0 it becomes a copy, buffers
/// included. Throws std::invalid_argument naming what only one of them has.
void follow(Module &target, const Module &online, float momentum);

/// Of each parameter the sum of squares of how far the target's is behind, then of the online one itself.
Tensor squaresBehind(const Module &target, const Module &online);
/// By these: how far the target's weights are from the online ones, as a share of these, by the Euclidean norm: 0 of a copy.
double distanceBehind(std::span<const float> squares);

} // namespace pretext
