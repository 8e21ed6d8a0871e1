// Channels that show tensors: what to read of them, and what to make of it.
#pragma once

#include "core/channels/recorder.h"

namespace pretext {

/// The tensor's rows [M, D], or what `make` makes of them.
Shown shownMatrix(const Tensor &x, std::function<Matrix(const Matrix &)> make = {});
/// The cosines of unit rows [M, D] with each other [M, M], or what `make` makes of them.
Shown shownCosines(const Tensor &z, std::function<Matrix(const Matrix &)> make = {});
/// `view` with these layers' weights.
Shown shownAttention(AttentionView view, std::vector<Tensor> layers);

} // namespace pretext
