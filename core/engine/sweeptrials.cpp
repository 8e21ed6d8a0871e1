#include "core/engine/sweeptrials.h"

#include "core/engine/observer.h"
#include "core/engine/resuming.h"
#include "core/engine/runsummary.h"
#include "core/engine/sweepstopping.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// The numbers of metrics.csv at the step; of a run that failed, of its last one.
void takeRow(const fs::path &run, int64_t step, TrialResult &result)
{
    const MetricsTable table = readMetrics(run / "metrics.csv");
    const auto row = std::ranges::find_if(table.rows, [&](const std::vector<double> &cells) { return int64_t(cells.front()) == step; });
    if (row == table.rows.end())
        return;
    result.step = step;
    result.seconds = (*row)[1];
    for (size_t i = 2; i < row->size(); ++i) {
        const std::string &column = table.columns[i];
        if (std::isnan((*row)[i]))
            continue;
        if (column == "loss/total")
            result.loss = (*row)[i];
        else if (isObserved(column))
            result.results.emplace_back(column.substr(column.find('/') + 1), (*row)[i]);
    }
}

/// Better ones are less: failed ones last, then by kNN or, where there is none, by loss.
auto rankOf(const TrialResult &result)
{
    const double knn = result.named("knn").value_or(-1), loss = result.loss.value_or(std::numeric_limits<double>::infinity());
    return std::tuple(result.failed, -knn, knn < 0 ? loss : 0);
}

/// What is left of a rung: as long as there is anything, none may begin the next.
struct OpenTrials
{
    std::optional<TakenTrial> taken;
    std::vector<size_t> elsewhere;
};

OpenTrials takeOneOf(const fs::path &folder, std::vector<std::pair<size_t, TrialResult>> &rung, int64_t steps)
{
    OpenTrials open;
    for (auto &[trial, result] : rung) {
        if (result.over)
            continue;
        std::optional<RunLock> claim = tryToClaim(folder / ".claims" / trialFolder({}, trial));
        const fs::path run = trialFolder(folder, trial);
        if (!claim || !writerOf(run).empty()) { // a window may have it, too
            open.elsewhere.push_back(trial);
            continue;
        }
        result = resultAt(run, steps);
        if (result.over) // since it was looked at
            continue;
        open.taken.emplace(TakenTrial{trial, steps, std::move(*claim)});
        return open;
    }
    return open;
}

} // namespace

std::optional<RunLock> tryToClaim(const fs::path &place)
{
    std::error_code error;
    fs::create_directories(place, error);
    if (error)
        throw std::runtime_error(place.string() + ": " + pretext::said("cannot be created: %1", {error.message()}));
    if (!writerOf(place).empty())
        return {};
    try {
        return RunLock(place);
    } catch (const std::runtime_error &) {
        if (writerOf(place).empty())
            throw; // it cannot be written
        return {};
    }
}

std::optional<double> TrialResult::named(const std::string &result) const
{
    const auto found = std::ranges::find(results, result, &std::pair<std::string, double>::first);
    return found == results.end() ? std::nullopt : std::optional(found->second);
}

const char *stateOf(const TrialResult &result)
{
    return result.early ? "stopped early" : result.failed ? "failed" : result.over ? "done" : result.step > 0 ? "begun" : "to come";
}

TrialResult resultAt(const fs::path &run, int64_t step)
{
    const RunSummary summary = summarise(run);
    TrialResult result;
    const bool diverged = summary.state == RunState::failed && !faultsIn(run).empty();
    const bool rests = diverged || summary.state == RunState::done || summary.state == RunState::stopped || summary.state == RunState::paused;
    result.failed = diverged && summary.step < step;
    const std::optional<EarlyStop> stop = stoppedEarly(run);
    result.early = stop && stop->step < step && !(summary.step >= step && rests); // and nobody went on with it since
    if (result.early) {
        result.over = true;
        takeRow(run, stop->step, result);
        return result;
    }
    result.over = result.failed || summary.step > step || (summary.step == step && rests); // of one that is paused, whoever has it open
    result.step = summary.step;
    if (result.over && std::min(step, summary.step) > 0)
        takeRow(run, std::min(step, summary.step), result);
    return result;
}

std::vector<size_t> bestOf(const std::vector<std::pair<size_t, TrialResult>> &before, int64_t count)
{
    auto ranked = before;
    std::ranges::stable_sort(ranked, {}, [](const auto &trial) { return rankOf(trial.second); });
    std::vector<size_t> best;
    for (size_t i = 0; i < std::min(size_t(count), ranked.size()); ++i)
        best.push_back(ranked[i].first);
    return best;
}

NextTrial takeTrial(const fs::path &folder, const Sweep &sweep)
{
    std::vector<std::pair<size_t, TrialResult>> rung;
    for (const Rung &next : rungsOf(sweep)) {
        std::vector<size_t> members;
        if (rung.empty())
            for (size_t trial = 0; trial < sweep.trials.size(); ++trial)
                members.push_back(trial);
        else
            members = bestOf(rung, next.trials);
        rung.clear();
        for (const size_t trial : members)
            rung.emplace_back(trial, resultAt(trialFolder(folder, trial), next.steps));
        OpenTrials open = takeOneOf(folder, rung, next.steps);
        if (open.taken || !open.elsewhere.empty())
            return {std::move(open.taken), std::move(open.elsewhere)};
    }
    return {};
}

TrialStart startOf(const fs::path &folder, const Sweep &sweep, const TakenTrial &taken)
{
    const fs::path run = trialFolder(folder, taken.trial);
    TrialStart start;
    if (isFreeForRun(run)) {
        start.options.config = configOf(sweep, taken.trial);
        start.options.start = startOf(start.options.config);
        start.options.out = run;
    } else {
        Resumption resumption = resumptionOf(run);
        start.options = std::move(resumption.options);
        start.from = resumption.state.step;
    }
    start.options.observedShare = 1; // what trials are compared by is never put off
    start.options.startPaused = taken.until < start.options.config.steps;
    start.steps = start.options.startPaused ? std::max<int64_t>(0, taken.until - start.from) : 0;
    return start;
}

TrialStanding standingOf(const fs::path &folder, const Sweep &sweep, size_t trial)
{
    const std::vector<Rung> rungs = rungsOf(sweep);
    TrialStanding standing{trial, resultAt(trialFolder(folder, trial), rungs.front().steps)};
    for (size_t rung = 1; rung < rungs.size() && standing.result.over && !standing.result.failed; ++rung)
        if (TrialResult later = resultAt(trialFolder(folder, trial), rungs[rung].steps); later.over)
            standing.result = std::move(later);
    return standing;
}

bool standsBefore(const TrialStanding &a, const TrialStanding &b)
{
    const auto rank = [](const TrialStanding &standing) {
        return std::tuple(!standing.result.over, standing.result.failed, -standing.result.step, rankOf(standing.result));
    };
    return rank(a) < rank(b);
}

std::vector<TrialStanding> standingsOf(const fs::path &folder, const Sweep &sweep)
{
    std::vector<TrialStanding> standings;
    for (size_t trial = 0; trial < sweep.trials.size(); ++trial)
        standings.push_back(standingOf(folder, sweep, trial));
    std::ranges::stable_sort(standings, standsBefore);
    return standings;
}

} // namespace pretext
