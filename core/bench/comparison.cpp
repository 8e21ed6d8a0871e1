#include "core/bench/comparison.h"

#include "core/bench/contestant.h"

#include <algorithm>
#include <stdexcept>

namespace pretext::bench {

namespace {

constexpr double kHopeless = 3; // times the best of the others: such a side is timed for one round only

/// A side under way; null where it could not begin.
struct Runner
{
    Side *side;
    std::unique_ptr<Contestant> process;
};

Runner begin(Side &side, const std::string &command)
{
    try {
        auto process = std::make_unique<Contestant>(command);
        side.secondsToReady = process->secondsToReady();
        return {&side, std::move(process)};
    } catch (const std::runtime_error &error) {
        side.failure = error.what();
        return {&side, nullptr};
    }
}

/// How our threads wait (app/waitpassively.h) is not passed on: the others wait as they do when started alone.
std::string commandOfOthers(const Commands &commands, const Row &row, const std::string &precision)
{
    return "unset OMP_WAIT_POLICY GOMP_SPINCOUNT; " + commands.others + " --row " + row.name + " --dtype " + precision + " --threads "
           + std::to_string(commands.threads) + " --serve --memory";
}

/// What fails here, having been ready, counts as not there.
void takeTurn(Runner &runner, int steps)
{
    try {
        const std::vector<double> times = runner.process->steps(steps);
        runner.side->times.insert(runner.side->times.end(), times.begin(), times.end());
        runner.side->median = median(runner.side->times);
    } catch (const std::runtime_error &error) {
        runner.side->failure = error.what();
        runner.side->median = 0;
        runner.process.reset();
    }
}

} // namespace

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

const Side *Comparison::best() const
{
    const Side *best = nullptr;
    for (const Side &side : others)
        if (side.median > 0 && (!best || side.median < best->median))
            best = &side;
    return best;
}

Comparison compare(const Row &row, const Commands &commands, int rounds)
{
    Comparison result;
    result.ours.name = "pretext";
    if (!commands.others.empty())
        for (const char *precision : {"f32", "bf16"})
            result.others.push_back({.name = precision});
    std::vector<Runner> runners;
    runners.push_back(begin(result.ours, commands.ours + " " + row.name));
    if (!runners.front().process)
        throw std::runtime_error(result.ours.failure);
    for (Side &side : result.others)
        runners.push_back(begin(side, commandOfOthers(commands, row, side.name)));
    for (int round = 0; round < rounds; ++round)
        for (Runner &runner : runners)
            if (runner.process && (round == 0 || runner.side == &result.ours || runner.side->median < kHopeless * result.best()->median))
                takeTurn(runner, row.steps);
    if (!result.ours.failure.empty())
        throw std::runtime_error(result.ours.failure);
    for (Runner &runner : runners)
        if (runner.process)
            runner.side->peakBytes = runner.process->finish();
    return result;
}

} // namespace pretext::bench
