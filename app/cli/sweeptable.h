// The trials of a sweep in words: a line for each as it ends, and all of them, best first.
#pragma once

#include "core/engine/sweeptrials.h"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <string>

namespace pretext {

/// "temperature 0.1, batch 64": what tells the trial from others; of those settings that have one value for all nothing.
std::string settingsInWords(const Sweep &sweep, size_t trial);
/// "4 trials of 300 steps", with the rungs of a sweep by halving.
std::string sweepInWords(const Sweep &sweep);
/// "step 300, kNN 84.2, probe 85.1, loss 3.211".
std::string resultInWords(const TrialResult &result);
/// Also says which was best.
void printStandings(std::ostream &out, const Sweep &sweep, const std::vector<TrialStanding> &standings);
nlohmann::json standingsToJson(const std::filesystem::path &folder, const Sweep &sweep, const std::vector<TrialStanding> &standings);

} // namespace pretext
