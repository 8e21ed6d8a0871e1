// What a new sweep comes to, in words, and what its form suggests.
#pragma once

#include "core/engine/sweeprequest.h"

#include <QString>

#include <string>
#include <vector>

namespace pretext {

struct ScalarHistory;

/// How much it is: "16 trials of 300 steps: about 12 min", and what some trials leave out. `secondsPerStep` 0: not known. Throws std::invalid_argument where it
/// cannot be halved.
QString planInWords(const Sweep &sweep, double secondsPerStep);

/// Rounded to what an estimate can know: "about 40 s", "about 7 min", "about 35 min", "about 3 h 30 min", "about 12 h".
QString aboutSoLong(double seconds);
/// The median of steps from all over a run, which work beside it moves little; 0: there are too few.
double steadySecondsPerStep(const ScalarHistory &history);

/// All that can be swept: a run's own settings, then its knobs.
std::vector<std::string> sweepableSettings(const RunConfig &config);
/// Values to begin with, around the one that the run has: "0.05,0.1,0.2,0.4".
std::string valuesAround(const RunConfig &config, const std::string &setting);
/// Of a setting that has names for values: all that the run could have; of another none.
std::vector<std::string> namesFor(const RunConfig &config, const std::string &setting);

} // namespace pretext
