// A sweep: the same training again and again with other settings. SWEEP/sweep.json says what it is, and is all that is kept of it: its trials are
// ordinary runs in folders beside it, SWEEP/trial-0001 and so on, and how far they are is read from those.
#pragma once

#include "core/engine/config.h"
#include "core/engine/sweepdraw.h"

namespace pretext {

struct SweepTrial
{
    Settings settings;
    RunConfig config; // without its length
    bool operator==(const SweepTrial &other) const;
};

/// So many trials are trained up to so many steps.
struct Rung
{
    int64_t steps = 0, trials = 0;
    bool operator==(const Rung &) const = default;
};

struct Sweep
{
    std::vector<SweptSetting> swept;
    int64_t random = 0;  // trials that are drawn; 0: every combination
    uint64_t seed = 1;   // of drawing
    int64_t steps = 0;   // of a whole trial, the same for all; 0: still to be found out from `minutes`
    double minutes = 0;  // of a whole trial, where that was asked for
    int64_t halving = 0; // of so many trials the best goes on; 0: all to their end
    int64_t grace = 0;   // looks at a trial that the median rule lets pass (see sweepstopping.h); 0: there is no such rule
    std::vector<SweepTrial> trials;
};

/// SWEEP/sweep.json.
std::filesystem::path sweepFileIn(const std::filesystem::path &folder);
/// Throws std::invalid_argument naming the file and what is wrong.
Sweep readSweep(const std::filesystem::path &folder);
/// Writes it into a folder that is missing or empty; into one that has the same sweep nothing, and returns that, whose steps may be known. Throws
/// std::invalid_argument where it is another, whose difference is named, or the folder holds anything else. Any number of processes may do so at once.
Sweep beginSweep(const std::filesystem::path &folder, const Sweep &sweep);
/// Its steps are known from now on.
void fixSteps(const std::filesystem::path &folder, Sweep &sweep, int64_t steps);

/// SWEEP/trial-0001, of the first.
std::filesystem::path trialFolder(const std::filesystem::path &folder, size_t trial);
/// Whether a folder has the name of one.
bool isTrial(const std::filesystem::path &run);
/// How its run begins; where nothing was said, it is evaluated when it has ended, and at each rung, or ten times where trials are stopped early.
RunConfig configOf(const Sweep &sweep, size_t trial);

/// Successive halving (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization"): the first rung has all
/// trials, each next one the best 1/halving of the one before, with `halving` times its steps; the last has all steps, but what cannot be
/// divided. Without halving there is one. Throws std::invalid_argument where there are fewer trials, or steps, than that needs.
std::vector<Rung> rungsOf(const Sweep &sweep);
/// Of all trials together, where none ends early.
int64_t stepsInAll(const std::vector<Rung> &rungs);

} // namespace pretext
