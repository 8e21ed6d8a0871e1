// The projector as a user turns it: its knobs, and one made by them.
#pragma once

#include "core/knobs/knob.h"
#include "core/nn/encoder.h"

#include <memory>
#include <vector>

namespace pretext {

/// projector.width, projector.dimension and projector.depth, with these defaults.
std::vector<Knob> projectorKnobs(double width, double dimension, double depth);
/// By those knobs, behind an encoder of so many dimensions.
std::unique_ptr<Module> makeProjector(const KnobSet &knobs, int inputs, Random &random, LastLayer last = LastLayer::biased);

} // namespace pretext
