#include "core/engine/resuming.h"

#include "core/engine/rowfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// What a run with checkpoints cannot go on without: refused before anything is said of it.
void requireConfigOf(const fs::path &run)
{
    const std::vector<fs::path> checkpoints = checkpointsIn(run);
    if (checkpoints.empty())
        return; // said in its own words
    const fs::path path = run / "config.json";
    const auto refuse = [&](const std::string &why) {
        throw std::runtime_error(
            said("%1; put back a copy, or go on from the weights in a new run: pretext train --init %2 --out NEW", {why, shownPath(checkpoints.back())}));
    };
    std::error_code none;
    if (!fs::exists(path, none))
        refuse(path.string() + ": " + said("is missing"));
    try {
        loadConfig(path, Contradictions::settle);
    } catch (const std::exception &error) {
        refuse(error.what());
    }
}

/// The newest whole checkpoint; of a step, up to that.
LoadedCheckpoint loadAt(const fs::path &runOrCheckpoint, std::optional<int64_t> step)
{
    if (!step)
        return loadNewest(runOrCheckpoint);
    if (const int64_t last = lastStepOf(runOrCheckpoint); *step > last)
        throw std::runtime_error(runOrCheckpoint.string() + ": " + said("is at step %1; step %2 is still to come", {last, *step}));
    const std::vector<fs::path> checkpoints = checkpointsIn(runOrCheckpoint);
    if (const auto parent = checkpoints.empty() ? std::nullopt : loadConfig(runOrCheckpoint / "config.json", Contradictions::settle).parent;
        parent && *step < parent->step)
        throw std::runtime_error(runOrCheckpoint.string() + ": "
                                 + said("was forked at step %1 of %2, whose step %3 is; take that run's", {parent->step, shownPath(parent->run), *step}));
    return loadNewest(runOrCheckpoint, *step);
}

/// From the checkpoint to the step.
StepsAgain againTo(std::optional<int64_t> step, const fs::path &run, const CheckpointState &state)
{
    if (!step || *step <= state.step)
        return {};
    const fs::path events = run / "events.jsonl";
    std::error_code none;
    if (!fs::exists(events, none))
        throw std::runtime_error(events.string() + ": "
                                 + said("is missing, and with it which knobs changed between step %1, of which a checkpoint is kept, and step %2; take step %1",
                                        {state.step, *step}));
    try {
        return stepsAgain(readEvents(events), state.config, state.step, *step);
    } catch (const std::exception &error) {
        throw std::runtime_error(run.string() + ": " + error.what());
    }
}

} // namespace

int64_t lastStepOf(const fs::path &run)
{
    const std::vector<fs::path> checkpoints = checkpointsIn(run);
    int64_t last = checkpoints.empty() ? 0 : stepOf(checkpoints.back());
    const fs::path metrics = run / "metrics.csv";
    if (std::error_code none; fs::exists(metrics, none))
        if (const MetricsTable table = readMetrics(metrics); !table.rows.empty())
            last = std::max(last, int64_t(table.rows.back().front()));
    return last;
}

RunAtStep runAtStepNamed(const std::string &text)
{
    std::error_code none;
    const size_t at = text.rfind('@');
    if (fs::exists(text, none) || at == std::string::npos)
        return {text, {}};
    const std::string digits = text.substr(at + 1);
    int64_t step = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
    if (error != std::errc() || end != digits.data() + digits.size() || step < 0)
        throw std::invalid_argument(said("%1: write it as RUN@STEP, the step a whole number from 0 on", {shownText(text)}));
    return {text.substr(0, at), step};
}

Resumption resumptionOf(const fs::path &runOrCheckpoint, std::optional<int64_t> step)
{
    Resumption resumption;
    TrainerOptions &options = resumption.options;
    const bool file = fs::is_regular_file(runOrCheckpoint);
    if (file)
        findCheckpoint(runOrCheckpoint); // says what is wrong where it is none
    options.out = file ? fs::absolute(runOrCheckpoint).parent_path().parent_path() : runOrCheckpoint;
    if (const std::string writer = writerOf(options.out); !writer.empty())
        throw std::runtime_error(options.out.string() + ": " + said("is being written by %1; end that first", {writer}));
    requireConfigOf(options.out);
    if (!file && isWithoutCheckpoint(options.out)) {
        options.config = resumption.state.config = loadConfig(options.out / "config.json", Contradictions::settle);
        options.start = Resumed{};
        return resumption;
    }
    LoadedCheckpoint loaded = loadAt(runOrCheckpoint, step);
    options.start = Resumed{loaded.path, std::move(loaded.damaged), againTo(step, options.out, loaded.state)};
    options.config = loaded.state.config;
    resumption.state = std::move(loaded.state);
    return resumption;
}

Resumption forkOf(const fs::path &runOrCheckpoint, std::optional<int64_t> step)
{
    LoadedCheckpoint loaded = loadAt(runOrCheckpoint, step);
    Resumption resumption;
    resumption.options.start = Forked{loaded.path, std::move(loaded.damaged), againTo(step, runOrCheckpoint, loaded.state)};
    resumption.options.config = loaded.state.config;
    resumption.options.config.parent = parentOf(resumption.options.start);
    resumption.state = std::move(loaded.state);
    return resumption;
}

} // namespace pretext
