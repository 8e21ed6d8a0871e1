// What SimSiam and BYOL share: a predictor guesses the projection of the sample's other view, and a stop-gradient keeps that view's side still.
// N samples in two views, rows i and i + N of one sample.
#pragma once

#include "core/autograd/variable.h"
#include "core/knobs/knob.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

#include <memory>
#include <vector>

namespace pretext {

/// predictor and stop_gradient, which are live, and predictor.width.
std::vector<Knob> siameseKnobs(double width);
/// Two linear layers with batch norm and ReLU between, from a projection to a projection.
std::unique_ptr<Module> makePredictor(const KnobSet &knobs, Random &random);
/// Mean over the 2N rows of the cosine of a view's prediction and the other view's target: [2N, D] both -> [1].
Variable meanCosineWithOther(const Variable &prediction, const Variable &target);

} // namespace pretext
