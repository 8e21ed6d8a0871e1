// Runs as the axes of parallel coordinates: the knobs in which they differ, what else they were begun with, and what they reached.
#pragma once

#include "core/engine/runsummary.h"
#include "widgets/plots/parallelplot.h"

#include <vector>

namespace pretext {

/// One for each of method, data, encoder, batch and seed where the runs differ in it, for each knob in which they differ, then for each result in which they do:
/// step, loss, probe, kNN. Numbers of a knob that declares it lie on a logarithmic axis.
std::vector<ParallelAxis> axesOf(const std::vector<RunSummary> &runs);

} // namespace pretext
