#include "core/engine/replay.h"

#include "core/data/interruption.h"
#include "core/engine/resuming.h"
#include "core/files/said.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kGradients = "gradient/layers";

std::vector<std::pair<std::string, double>> keptRow(const fs::path &run, int64_t step)
{
    std::vector<std::pair<std::string, double>> values;
    std::error_code none;
    if (!fs::exists(run / "metrics.csv", none))
        return values;
    const MetricsTable table = readMetrics(run / "metrics.csv");
    const auto row = std::ranges::find_if(table.rows, [&](const std::vector<double> &cells) { return int64_t(cells.front()) == step; });
    for (size_t i = 2; row != table.rows.end() && i < table.columns.size(); ++i)
        values.emplace_back(table.columns[i], (*row)[i]);
    return values;
}

} // namespace

TrainerOptions optionsBefore(const fs::path &run, int64_t step)
{
    const fs::path kept = faultStateIn(run, step - 1);
    std::error_code none;
    Resumption resumption = fs::exists(kept, none) ? forkOf(kept) : forkOf(run, step - 1);
    TrainerOptions &options = resumption.options;
    const StepsAgain withIt =
        fs::exists(run / "events.jsonl", none) ? stepsAgain(readEvents(run / "events.jsonl"), options.config, step - 1, step) : StepsAgain{};
    for (const ChangedKnob &change : withIt.changes)
        options.knobs.emplace_back(change.name, change.value);
    options.config.evaluateEvery = 0;
    return std::move(options);
}

Replay replayStep(const fs::path &run, int64_t step, int threads, const std::function<bool(const std::string &what, double share)> &tell)
{
    TrainerOptions options = optionsBefore(run, step);
    options.dataset = openDataset(options.config.dataset, options.config.datasetOptions);
    options.startPaused = true;
    if (threads > 0)
        options.config.threads = threads;
    Replay replay;
    replay.from = {run, step - 1};
    replay.kept = keptRow(run, step);
    auto lanes = std::make_unique<Lanes>();
    lanes->wanted.set({kGradients});
    Job job(std::move(options), std::move(lanes));
    job.lanes().commands.post(StepOnce{1});
    for (;;) {
        const Status status = job.lanes().status.latest();
        if (!tell(status.activity.empty() ? said("step %1", {step}) : status.activity, status.activityShare))
            throw Interrupted();
        if (status.state == TrainerState::failed && status.fault.step == 0)
            throw std::runtime_error(status.failure);
        if (status.state == TrainerState::failed || (status.state == TrainerState::paused && status.step == step)) {
            replay.fault = status.fault;
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (ScalarRow &row : job.lanes().log.drain().rows)
        replay.row = std::move(row);
    if (const SnapshotPtr snapshot = job.lanes().snapshots.latest(); snapshot && replay.fault.step == 0)
        if (const auto *gradients = snapshot->channel<LayerNorms>(kGradients))
            replay.gradients = *gradients;
    return replay;
}

} // namespace pretext
