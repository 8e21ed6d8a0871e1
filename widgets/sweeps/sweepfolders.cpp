#include "widgets/sweeps/sweepfolders.h"

#include "core/engine/runlock.h"
#include "core/engine/runstore.h"
#include "core/system/describe.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <limits>
#include <set>
#include <sstream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

fs::path sweepsIn(const RunStore &store)
{
    return store.data() / "sweeps";
}

} // namespace

std::vector<fs::path> sweepsOf(const RunStore &store)
{
    std::set<fs::path> candidates;
    for (const fs::path &run : store.folders())
        if (isTrial(run))
            candidates.insert(run.parent_path());
    std::error_code none;
    for (const fs::directory_entry &entry : fs::directory_iterator(sweepsIn(store), none))
        candidates.insert(entry.path());
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    for (const fs::path &folder : candidates) {
        std::error_code absent;
        if (const auto begun = fs::last_write_time(sweepFileIn(folder), absent); !absent)
            found.emplace_back(begun, folder);
    }
    std::ranges::sort(found, std::greater());
    std::vector<fs::path> sweeps;
    for (auto &[begun, folder] : found)
        sweeps.push_back(std::move(folder));
    return sweeps;
}

fs::path newSweepFolder(const RunStore &store)
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::ostringstream name;
    name << std::put_time(&local, "%Y-%m-%d-%H%M%S") << "-sweep";
    fs::path folder = sweepsIn(store) / name.str();
    for (int i = 2; fs::exists(folder); ++i)
        folder = sweepsIn(store) / (name.str() + "-" + std::to_string(i));
    return folder;
}

int SweepState::over() const
{
    return int(std::ranges::count_if(trials, [](const TrialStanding &trial) { return trial.result.over; }));
}

int SweepState::underWay() const
{
    return int(std::ranges::count_if(runs, [](const RunSummary &run) { return run.state == RunState::training; }));
}

int64_t SweepState::steps() const
{
    int64_t steps = 0;
    for (const RunSummary &run : runs)
        steps += run.step;
    return steps;
}

bool SweepState::isDone() const
{
    if (trials.empty() || over() < int(trials.size()) || sweep.steps == 0)
        return false;
    const Rung last = rungsOf(sweep).back();
    const auto ended = [&](const TrialStanding &trial) { return trial.result.step >= last.steps || trial.result.early || trial.result.failed; };
    return std::ranges::count_if(trials, ended) >= last.trials;
}

double SweepState::secondsLeft() const
{
    constexpr int64_t kLeast = 20; // steps of a trial under way; the first ones take longer
    int64_t taken = 0, ended = 0;  // steps; of trials that go no further, what they would have had
    int64_t finished = 0;
    double seconds = 0, ofFinished = 0;
    for (size_t i = 0; i < trials.size(); ++i) {
        taken += runs[i].step;
        seconds += runs[i].seconds;
        if (!trials[i].result.over)
            continue;
        finished += runs[i].step;
        ofFinished += runs[i].seconds;
        if (trials[i].result.early || trials[i].result.failed)
            ended += std::max<int64_t>(0, sweep.steps - runs[i].step);
    }
    if (sweep.steps == 0 || (finished == 0 && taken < std::min(kLeast, sweep.steps)))
        return std::numeric_limits<double>::quiet_NaN();
    const double pace = finished > 0 ? ofFinished / double(finished) : seconds / double(taken);
    return pace * double(std::max<int64_t>(0, stepsInAll(rungsOf(sweep)) - taken - ended));
}

SweepState SweepReader::read(const fs::path &folder)
{
    if (folder != m_folder)
        m_known.clear();
    m_folder = folder;
    SweepState state;
    state.folder = folder;
    try {
        state.sweep = readSweep(folder);
        for (size_t trial = 0; trial < state.sweep.trials.size(); ++trial) {
            const fs::path run = trialFolder(folder, trial);
            const std::string stamp = stampOf(run);
            Known &known = m_known[trial];
            if (!stamp.empty() && (known.stamp != stamp || isHeldOpen(known.run)))
                known = {stamp, state.sweep.steps > 0 ? standingOf(folder, state.sweep, trial) : TrialStanding{trial, {}}, summarise(run)};
            known.standing.trial = trial;
            state.trials.push_back(known.standing);
            state.runs.push_back(known.run);
        }
    } catch (const std::exception &error) {
        state.problem = describe(error);
    }
    return state;
}

} // namespace pretext
