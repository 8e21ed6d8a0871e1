#include "app/cli/trainreplay.h"

#include "app/cli/cli.h"
#include "app/cli/stopsignals.h"
#include "app/cli/table.h"
#include "app/cli/trained.h"
#include "core/engine/replay.h"
#include "core/engine/resuming.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <iostream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLayers = 5;

void refuseOthers(const GivenOptions &given)
{
    if (const std::string other = givenBeside(given, {"--replay", "--threads"}); !other.empty())
        throw UsageError(other + " has no place beside --replay, which runs a step as it was and writes nothing; --fork begins another run from one");
}

/// The one that is named, or the last that was not finite.
int64_t stepToReplay(const RunAtStep &at)
{
    if (at.step && *at.step < 1)
        throw UsageError("--replay " + at.run.string() + "@0: the first step is 1");
    if (at.step)
        return *at.step;
    const std::vector<int64_t> faults = faultsIn(at.run);
    if (faults.empty())
        throw UsageError("--replay " + at.run.string() + ": every step of it was finite; name one, as RUN@STEP");
    return faults.back();
}

std::string text(double value)
{
    return toText(KnobValue(value));
}

/// Whether it is what the run had: its numbers are the same to the last digit, or are not.
void tellRow(const Replay &replay)
{
    std::vector<std::vector<std::string>> rows{{"", "again", "in metrics.csv"}};
    size_t other = 0;
    for (const auto &[name, value] : replay.row.values) {
        const auto kept = std::ranges::find(replay.kept, name, &std::pair<std::string, double>::first);
        if (kept == replay.kept.end() && !replay.kept.empty())
            continue;
        other += kept != replay.kept.end() && kept->second != value;
        rows.push_back({name, text(value), kept == replay.kept.end() ? "" : text(kept->second)});
    }
    printTable(std::cout, rows, 2);
    if (replay.kept.empty())
        std::cout << "metrics.csv has no row of this step\n";
    else if (other == 0)
        std::cout << "the same to the last digit\n";
    else
        std::cout << other << " of them differ: another number of threads, another machine, or other data\n";
}

/// The longest first.
void tellGradients(const LayerNorms &norms)
{
    std::vector<size_t> order(norms.layers.size());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::sort(order, std::greater(), [&](size_t i) { return norms.gradients[i]; });
    order.resize(std::min(order.size(), kLayers));
    std::vector<std::vector<std::string>> rows{{"layer", "gradient"}};
    for (const size_t i : order)
        rows.push_back({norms.layers[i], text(norms.gradients[i])});
    std::cout << "\n";
    printTable(std::cout, rows, 2);
}

void tellFault(const StepFault &fault, int64_t step, const fs::path &run)
{
    if (fault.step < step)
        std::cout << "it began earlier, at step " << fault.step << "\n";
    std::cout << "step " << fault.step << ": " << fault.what << "\nbegan with: " << fault.where << "\n";
    if (const fs::path told = faultStateIn(run, fault.step).replace_extension(".json"); fs::exists(told))
        std::cout << "what the step was given, samples and knobs, is in " << shownPath(told) << "\n";
}

} // namespace

int replayAndTell(const TrainArguments &arguments, const GivenOptions &given)
{
    refuseOthers(given);
    const RunAtStep at = fromCommandLine("--replay", [&] { return runAtStepNamed(*arguments.replay); });
    requireRun(at.run, "--replay");
    const int64_t step = stepToReplay(at);
    if (const std::vector<int64_t> faults = faultsIn(at.run); !std::ranges::binary_search(faults, step))
        requireStep(at.run, step, "--replay");
    const StopSignals signals;
    ProgressLine line;
    const Replay replay = replayStep(at.run, step, arguments.threads.value_or(0), [&](const std::string &what, double share) {
        line(what, share);
        return !signals.asked();
    });
    line.clear();
    std::cout << "step " << step << " of " << shownPath(at.run) << " again\n";
    if (replay.fault.step > 0) {
        tellFault(replay.fault, step, at.run);
        return 0;
    }
    tellRow(replay);
    tellGradients(replay.gradients);
    return 0;
}

} // namespace pretext
