// What a new sweep is to be, as it is written into a form: the command line that says the same, and how many trials and steps come of it.
#pragma once

#include "core/engine/sweep.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct SweepPlan
{
    std::vector<std::pair<std::string, std::string>> settings; // "temperature", "0.05,0.1"
    int64_t random = 0, halving = 0, stopEarly = 0;            // 0: not
    int64_t steps = 0;                                         // of a trial; 0: minutes
    double minutes = 0;

    /// --set temperature=0.05,0.1 --steps 300; without what is trained.
    QStringList arguments() const;
    /// With so many trials as it would have, but nothing in them. Throws std::invalid_argument naming what cannot be.
    Sweep sweep(const RunConfig &base) const;
    /// How much that is: "16 trials of 300 steps: about 12 min." `secondsPerStep` 0: not known.
    QString inWords(const RunConfig &base, double secondsPerStep) const;
};

/// "12 min", "3 h 20 min".
QString durationInWords(double seconds);
/// Values to begin with, around the one that the run has: "0.05,0.1,0.2,0.4".
std::string valuesAround(const RunConfig &config, const std::string &setting);

} // namespace pretext
