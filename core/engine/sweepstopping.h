// Which trial of a sweep is not worth the rest of its steps: the median rule of Golovin et al. 2017 ("Google Vizier: A service for black-box optimization", 3.2.2),
// by online kNN. That a trial was stopped stands in its run, TRIAL/stopped-early.json, and nowhere else.
#pragma once

#include "core/engine/sweep.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace pretext {

/// What a look at a trial found.
struct TrialLook
{
    int64_t step = 0;
    double knn = 0;
};
/// Those that its metrics.csv has, by step; none where there is no such file, or it cannot be read.
std::vector<TrialLook> looksOf(const std::filesystem::path &run);

constexpr size_t kLeastOthers = 3; // a median of fewer says little

struct EarlyStop
{
    int64_t step = 0;
    double best = 0, median = 0; // kNN of the trial and of the others, each the best up to that step
    int64_t others = 0;
};
/// Whether the trial ends with its last look: its best kNN is below the median of the best ones that the others had by that step. The first `grace` looks end
/// none, nor is any ended before kLeastOthers others came so far.
std::optional<EarlyStop> stopsEarly(const std::vector<TrialLook> &own, const std::vector<std::vector<TrialLook>> &others, int64_t grace);

/// Follows one trial of a sweep that stops early; the other trials are read from their folders.
class MedianRule
{
public:
    /// What the trial found before is known from its folder.
    MedianRule(std::filesystem::path folder, const Sweep &sweep, size_t trial);
    /// At the last look there was.
    std::optional<EarlyStop> judge();
    std::optional<EarlyStop> looked(const TrialLook &look);

private:
    std::filesystem::path m_folder;
    size_t m_trials, m_trial;
    int64_t m_grace;
    std::vector<TrialLook> m_own;
    struct Read
    {
        uintmax_t bytes = 0; // of the file when it was read
        std::vector<TrialLook> looks;
    };
    std::map<size_t, Read> m_others;
};

/// From now on the trial is over.
void markStoppedEarly(const std::filesystem::path &run, const EarlyStop &stop);
std::optional<EarlyStop> stoppedEarly(const std::filesystem::path &run);

} // namespace pretext
