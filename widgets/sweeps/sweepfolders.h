// Which sweeps there are, and how far the trials of one are: read from folders, on any thread.
#pragma once

#include "core/engine/runsummary.h"
#include "core/engine/sweeptrials.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pretext {

class RunStore;

/// Newest first: those that the window began, and those whose trials are listed as runs.
std::vector<std::filesystem::path> sweepsOf(const RunStore &store);
/// DATA/sweeps/DATE, new.
std::filesystem::path newSweepFolder(const RunStore &store);

/// A sweep as it stands.
struct SweepState
{
    std::filesystem::path folder; // empty: there is none
    Sweep sweep;
    std::vector<TrialStanding> trials; // by number
    std::vector<RunSummary> runs;      // of the same; a trial that is still to come has no path
    std::string problem;               // why it cannot be read

    int over() const;
    int underWay() const;  // trained by some process now
    int64_t steps() const; // taken, by all together
    bool isDone() const;   // no trial is left that would be trained
    /// Of what is left, by the time that trials which are over took, or, before the first is, by those under way; NaN: not known yet.
    double secondsLeft() const;
};

/// Reads a sweep again and again: of a trial whose files have not changed nothing but their dates is looked at.
class SweepReader
{
public:
    SweepState read(const std::filesystem::path &folder);

private:
    struct Known
    {
        std::string stamp;
        TrialStanding standing;
        RunSummary run;
    };
    std::filesystem::path m_folder;
    std::map<size_t, Known> m_known;
};

} // namespace pretext
