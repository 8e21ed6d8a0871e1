// How far the trials of a sweep are, read from their folders, and which one is trained next. A trial is trained by whoever holds the lock on
// SWEEP/.claims/trial-0001, which the system takes back when the process ends, however it ends: then another goes on from its last checkpoint.
#pragma once

#include "core/engine/job.h"
#include "core/engine/runlock.h"
#include "core/engine/sweep.h"

namespace pretext {

/// The right to do something that one process at a time does, where nobody has it; `place`: a folder of it, made where it is missing.
std::optional<RunLock> tryToClaim(const std::filesystem::path &place);

/// What a trial has shown.
struct TrialResult
{
    bool over = false;                  // trained up to the step that was asked for, or no longer to be trained,
    bool failed = false, early = false; // as its loss was not finite, or the median rule stopped it
    int64_t step = 0;                   // of the numbers; where it is not over, how far it is
    double seconds = 0;
    std::optional<double> loss = {};
    std::vector<std::pair<std::string, double>> results = {}; // "knn", "probe", "effective_rank": what online evaluation found at the step
    std::optional<double> named(const std::string &result) const;
};
/// "done", "stopped early", "failed", "begun" or "to come", as files and JSON have it.
const char *stateOf(const TrialResult &result);
TrialResult resultAt(const std::filesystem::path &run, int64_t step);

/// The trials of the rung whose predecessor had these results, best first by kNN; one that failed or has none is the worst.
std::vector<size_t> bestOf(const std::vector<std::pair<size_t, TrialResult>> &before, int64_t count);

struct TakenTrial
{
    size_t trial = 0;
    int64_t until = 0; // the step
    RunLock claim;     // as long as it is trained
};
struct NextTrial
{
    std::optional<TakenTrial> taken;
    std::vector<size_t> elsewhere; // where none is taken: those that other processes train, which are to be waited for; none: the sweep is over
};
/// Any number of processes may take trials at once, also on several machines that share the folder, where its file system has locks.
NextTrial takeTrial(const std::filesystem::path &folder, const Sweep &sweep);

/// Its run begins, or goes on where it was ended. Where it has more steps than `until`, it begins paused, and `steps` of them are to be asked for by
/// StepOnce, none where that is 0; then it pauses again. The data are still to be given.
struct TrialStart
{
    TrainerOptions options;
    int64_t steps = 0;
    int64_t from = 0; // the step that it goes on from; 0: it begins
};
TrialStart startOf(const std::filesystem::path &folder, const Sweep &sweep, const TakenTrial &taken);

struct TrialStanding
{
    size_t trial = 0;
    TrialResult result; // at the last rung that it reached
};
TrialStanding standingOf(const std::filesystem::path &folder, const Sweep &sweep, size_t trial);
/// Better ones are less: those that are over, did not fail, were trained longest, then by kNN or, where there is none, by loss.
bool standsBefore(const TrialStanding &a, const TrialStanding &b);
/// All, best first: those that were trained longest, then by kNN, where there is none by their loss.
std::vector<TrialStanding> standingsOf(const std::filesystem::path &folder, const Sweep &sweep);

} // namespace pretext
