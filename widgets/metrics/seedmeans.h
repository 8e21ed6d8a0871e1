// Runs that differ in nothing but their seed, drawn as one: the mean of their curves, and a band from the lowest to the highest of them.
#pragma once

#include "widgets/metrics/overlaidrun.h"

#include <memory>
#include <vector>

namespace pretext {

struct SeedMean
{
    std::vector<std::shared_ptr<OverlaidRun>> runs; // one: it has no like, and the rest is empty
    ScalarHistory mean, low, high;                  // at the steps that all of them took, of the channels that all of them have
};

/// In the order of the first run of each.
std::vector<SeedMean> meansOverSeeds(const std::vector<std::shared_ptr<OverlaidRun>> &runs);

/// Per run the place of its group in meansOverSeeds().
std::vector<size_t> groupsOf(const std::vector<std::shared_ptr<OverlaidRun>> &runs);

/// What tells runs apart: "temperature 0.2, seed 3", of the settings in which they differ; a run's name where that is nothing, or too much to read.
/// `seeds`: whether the seed is told, too.
std::vector<QString> labelsOf(const std::vector<std::shared_ptr<OverlaidRun>> &runs, bool seeds);

} // namespace pretext
