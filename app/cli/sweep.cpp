// `pretext sweep`: trains with one set of settings after the other, beside other processes that do so in the same folder.
#include "app/cli/cli.h"
#include "app/cli/givenoptions.h"
#include "app/cli/numberoption.h"
#include "app/cli/progress.h"
#include "app/cli/stopsignals.h"
#include "app/cli/sweepsettings.h"
#include "app/cli/sweeptable.h"
#include "app/cli/told.h"
#include "app/cli/trained.h"
#include "app/cli/trainoptions.h"

#include "core/analysis/onlineevaluation.h"
#include "core/backend/backend.h"
#include "core/engine/resuming.h"
#include "core/engine/sweeprequest.h"
#include "core/engine/sweepstopping.h"
#include "core/files/shownpath.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <future>
#include <iostream>
#include <thread>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr auto kSweepPoll = std::chrono::milliseconds(20);
constexpr auto kWait = std::chrono::milliseconds(200); // for other processes

struct SweepWork
{
    fs::path folder;
    Sweep sweep;
    std::shared_ptr<const Dataset> dataset;
    std::ostream &out; // standard error where standard output is for the JSON
    std::optional<int64_t> checkpointMegabytes;
    bool tensorboard;
    const StopSignals &interrupt;
};

/// Runs the trainer until `done` says so of its status and the rows that are new, its end, or Ctrl-C; the status that it ended with.
template<class Done>
Status runUntil(const SweepWork &work, const TrainerOptions &options, Lanes &lanes, const Done &done)
{
    std::stop_source stop;
    const auto trained = std::async(std::launch::async, [&] { runTrainer(options, lanes, stop.get_token(), false); });
    while (trained.wait_for(kSweepPoll) != std::future_status::ready) {
        const Log::Drained drained = lanes.log.drain();
        if (done(lanes.status.latest(), drained.rows) || work.interrupt.asked())
            stop.request_stop();
    }
    return lanes.status.latest();
}

/// The steps of the first trial that fit into the minutes; 0: asked to stop.
int64_t stepsInMinutes(const SweepWork &work)
{
    TrainerOptions options;
    options.config = work.sweep.trials.front().config;
    options.config.minutes = work.sweep.minutes;
    options.config.evaluateEvery = 0;
    options.start = startOf(options.config);
    options.dataset = work.dataset;
    Lanes lanes;
    int64_t steps = 0;
    const auto isKnown = [&](const Status &status, const std::vector<ScalarRow> & = {}) {
        if (status.state == TrainerState::playing || status.step > 0)
            steps = status.plannedSteps;
        return steps > 0;
    };
    const Status ended = runUntil(work, options, lanes, isKnown);
    if (ended.state == TrainerState::failed)
        throw std::runtime_error(ended.failure);
    isKnown(ended); // it may have been over before it was looked at
    return steps;
}

/// One process at a time finds them out, and the others wait. False: asked to stop.
bool findSteps(SweepWork &work)
{
    const fs::path place = work.folder / ".claims" / "steps";
    while (work.sweep.steps == 0 && !work.interrupt.asked()) {
        const std::optional<RunLock> claim = tryToClaim(place);
        work.sweep = readSweep(work.folder);
        if (!claim)
            std::this_thread::sleep_for(kWait);
        else if (work.sweep.steps == 0)
            if (const int64_t steps = stepsInMinutes(work); steps > 0)
                fixSteps(work.folder, work.sweep, steps);
    }
    return work.sweep.steps > 0;
}

/// What its rows brought, if the rule ends the trial there.
std::optional<EarlyStop> judgedBy(MedianRule &rule, const std::vector<ScalarRow> &rows)
{
    for (const ScalarRow &row : rows)
        for (const auto &[name, value] : row.values)
            if (name == "evaluation/knn" && !std::isnan(value))
                if (const std::optional<EarlyStop> stop = rule.looked({row.step, value}))
                    return stop;
    return {};
}

/// In its folder, so that no other process takes it again.
void endEarly(const fs::path &run, const EarlyStop &stop, int64_t until)
{
    if (!resultAt(run, until).over) // it may have come to its end meanwhile
        markStoppedEarly(run, stop);
}

void trainTrial(SweepWork &work, const TakenTrial &taken)
{
    TrialStart start = startOf(work.folder, work.sweep, taken);
    TrainerOptions &options = start.options;
    options.dataset = work.dataset;
    options.observer = makeOnlineEvaluation;
    options.tensorboard = work.tensorboard;
    if (work.checkpointMegabytes)
        options.checkpointBytes = *work.checkpointMegabytes << 20;
    Lanes lanes;
    if (start.steps > 0)
        lanes.commands.post(StepOnce{start.steps});
    const std::string name = options.out.filename().string(), settings = settingsInWords(work.sweep, taken.trial);
    ProgressLine progress;
    std::optional<MedianRule> rule;
    if (work.sweep.grace > 0)
        rule.emplace(work.folder, work.sweep, taken.trial);
    if (start.from > 0)
        work.out << name << ", " << settings << ": goes on from step " << start.from << std::endl;
    std::optional<EarlyStop> stop = rule ? rule->judge() : std::nullopt; // a process was killed before it could say so
    bool listed = false;
    Status ended;
    if (!stop)
        ended = runUntil(work, options, lanes, [&](const Status &status, const std::vector<ScalarRow> &rows) {
            if (!listed && status.state == TrainerState::playing) // its folder is there
                listed = tryToList(options.out).empty();
            if (status.step > 0)
                progress(name + ", " + settings, std::min(1., double(status.step) / double(taken.until)));
            if (rule && !stop)
                stop = judgedBy(*rule, rows);
            return stop || (status.state == TrainerState::paused && status.step >= taken.until);
        });
    progress.clear();
    if (stop && ended.state != TrainerState::failed)
        endEarly(options.out, *stop, taken.until);
    tryToList(options.out);
    const TrialResult result = resultAt(options.out, taken.until);
    if (ended.state == TrainerState::failed && !result.over)
        throw std::runtime_error(name + ": " + ended.failure);
    work.out << name << ", " << settings << ": " << (result.failed ? "failed: " + ended.failure : resultInWords(result)) << (result.over ? "" : ", stopped")
             << std::endl;
}

void takeTrials(SweepWork &work)
{
    bool told = false;
    while (!work.interrupt.asked()) {
        const NextTrial next = takeTrial(work.folder, work.sweep);
        if (next.taken) {
            trainTrial(work, *next.taken);
            told = false;
            continue;
        }
        if (next.elsewhere.empty())
            return;
        if (!std::exchange(told, true))
            work.out << "waiting for " << trialFolder(work.folder, next.elsewhere.front()).filename().string() << ", which another process trains" << std::endl;
        std::this_thread::sleep_for(kWait);
    }
}

/// A sweep that is there takes what is no part of it.
void refuseOther(const SweepArguments &arguments, const GivenOptions &given)
{
    if (const std::string other = givenBeside(given, {"--out", "--json", "--checkpoint-mb", "--tensorboard"}); !other.empty())
        throw UsageError(other + ": the sweep in " + shownPath(*arguments.train.out) + " is as it was begun; give --out alone to go on with it");
}

void requireComparable(const SweepArguments &arguments, const Sweep &sweep, const Dataset &dataset)
{
    if (!arguments.halving && !arguments.stopEarly)
        return;
    const std::string option = arguments.halving ? "--halving" : "--stop-early";
    if (arguments.halving && arguments.stopEarly)
        throw UsageError("--halving and --stop-early exclude each other: halving ends trials itself; give one");
    if (arguments.halving && arguments.train.evaluateEvery)
        throw UsageError("--evaluate-every and --halving exclude each other: trials are evaluated where it is found out which go on");
    RunConfig config = sweep.trials.front().config;
    config.evaluateEvery = 1;
    const std::unique_ptr<Observer> observer = makeOnlineEvaluation(config, dataset);
    if (!observer || std::ranges::find(observer->columns(), "evaluation/knn") == observer->columns().end())
        throw UsageError(option + ": " + dataset.info().name + " has no classes, so there is no kNN by which trials could be compared; leave it out");
}

/// Before anything is read.
void requireSweepFolder(const fs::path &folder)
{
    std::error_code none;
    if (!fs::exists(folder, none))
        return requireFolderFor(folder);
    if (!fs::is_directory(folder, none))
        throw UsageError("--out " + shownPath(folder) + ": is there already and no folder; choose another --out");
    if (!fs::exists(sweepFileIn(folder), none) && !isFreeForRun(folder))
        throw UsageError("--out " + shownPath(folder) + ": is there already, not empty and no sweep; choose another --out");
    requireWritableFolder(folder, folder);
}

Sweep begunSweep(const SweepArguments &arguments, const GivenOptions &given, const fs::path &folder, std::shared_ptr<const Dataset> &dataset)
{
    const TrainArguments &a = arguments.train;
    requireSweepFolder(folder);
    if (a.knobs.empty() && fs::exists(sweepFileIn(folder))) {
        refuseOther(arguments, given);
        Sweep sweep = readSweep(folder);
        const RunConfig &config = sweep.trials.front().config;
        requireOwnData(config.dataset);
        dataset = openDataset(config.dataset, config.datasetOptions);
        return sweep;
    }
    if (a.knobs.empty())
        throw UsageError("what is to be swept? give --set KNOB=VALUE,VALUE,..., or the folder of a sweep by --out");
    if (a.steps.has_value() == a.minutes.has_value())
        throw UsageError(a.steps ? "--steps and --minutes exclude each other; give one" : "how long is a trial? give --steps N or --minutes M");
    const Sweep sweep = newSweep(arguments, dataset);
    fromCommandLine([&] { deviceNamed(sweep.trials.front().config.device); });
    requireComparable(arguments, sweep, *dataset);
    return fromCommandLine("--out", [&] { return beginSweep(folder, sweep); });
}

int sweep(const SweepArguments &arguments, const GivenOptions &given)
{
    const fs::path folder = arguments.train.out ? fs::path(*arguments.train.out) : runNamedByDate("sweep");
    std::ostream &out = arguments.json ? std::cerr : std::cout;
    std::shared_ptr<const Dataset> dataset;
    Sweep begun = begunSweep(arguments, given, folder, dataset);
    const StopSignals interrupt;
    SweepWork work{folder, std::move(begun), dataset, out, arguments.train.checkpointMegabytes, arguments.train.tensorboard, interrupt};
    out << dataInWords(*dataset) << "\nsweep " << folder.string() << std::endl;
    if (findSteps(work)) {
        out << "     " << sweepInWords(work.sweep) << std::endl;
        for (const std::string &sentence : leftOutInWords(work.sweep))
            out << "     " << sentence << std::endl;
        takeTrials(work);
    }
    const std::vector<TrialStanding> standings = standingsOf(folder, work.sweep);
    if (arguments.json)
        std::cout << standingsToJson(folder, work.sweep, standings).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    else
        printStandings(out << "\n", work.sweep, standings);
    if (interrupt.asked())
        out << "stopped; go on with: pretext sweep --out " << folder.string() << std::endl;
    const bool failed = std::ranges::all_of(standings, [](const TrialStanding &standing) { return standing.result.failed; });
    if (failed)
        throw std::runtime_error("every trial failed");
    return 0;
}

} // namespace

CommandAction sweepCommand(CLI::App &command)
{
    auto a = std::make_shared<SweepArguments>();
    const auto given = givenOptions(command);
    TrainArguments &train = a->train;
    command
        .add_option("--set", train.knobs,
                    "What differs between trials: values of a knob, or of method, encoder, batch, seed or precision; or a range LEAST..MOST, whose ends may be "
                    "left out, for --random; may be given again, and every combination is a trial. With one value: of all trials. A knob that a trial's method "
                    "or encoder does not have is left out of it, which is said")
        ->type_name("KNOB=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    addNumber(command, "--random", a->random,
              "So many trials with values that are drawn, on a logarithmic scale where the knob has one; by --seed (default: every combination)", int64_t(1),
              kMostTrials);
    addNumber(command, "--halving", a->halving,
              "Successive halving: all trials take a part of the steps, the best one of N by kNN goes on to N times as many, and so on to the last (default: "
              "all to their end)",
              int64_t(2), kMostTrials);
    addNumber(
        command, "--stop-early", a->stopEarly,
        "The median rule: after N looks each (--evaluate-every, by default a tenth of the steps), a trial ends at the look where its best kNN is below the "
        "median of what at least 3 others had by that step (default: none ends early)",
        int64_t(1), kMostTrials);
    addNumber(command, "--steps", train.steps, "Steps of a whole trial, at least 1", int64_t(1));
    addNumber(command, "--minutes", train.minutes,
              "Instead of --steps: as many as the first trial could take in so many minutes, the same for all, so that they compare", 0.0, 1e6, "M");
    addWhatIsTrained(command, train);
    addHowItIsTrained(command, train);
    addNumber(
        command, "--evaluate-every", train.evaluateEvery,
        "Every so many steps, not only at the end of each trial, kNN and a linear probe on held-out samples and the embedding's health, as columns of its "
        "metrics.csv",
        int64_t(1));
    command.add_option("--out", train.out, "Folder of the sweep, new or empty, or one to go on with (default runs/DATE-sweep)")->type_name("SWEEP");
    addCheckpointBytes(command, train);
    command.add_flag(
        "--tensorboard", train.tensorboard,
        "Write the columns of each trial's metrics.csv into its folder tensorboard, too, as event files: TensorBoard shows a sweep's folder at once");
    command.add_flag("--json", a->json, "At the end, the trials as JSON (default: a table); what is told meanwhile goes to standard error");
    command.footer(
        "Each trial is a run, SWEEP/trial-0001 and so on, which the window and all subcommands open. Ctrl-C ends the trial under way with a checkpoint.\n"
        "The same command, or --out SWEEP alone, goes on after that or after a kill, and repeats no trial; given in several terminals, or on several\n"
        "machines that share the folder, they train different trials of the one sweep.\n\n"
        "Examples:\n"
        "  pretext sweep --set temperature=0.05,0.1,0.2,0.5 --minutes 2 --out runs/temperatures\n"
        "  pretext sweep --set temperature=0.05..0.5 --set learning_rate=.. --random 20 --minutes 2\n"
        "  pretext sweep --set temperature=.. --random 27 --halving 3 --steps 2700 --out runs/halved\n"
        "  pretext sweep --set temperature=.. --random 30 --steps 2000 --stop-early 3 --out runs/drawn\n"
        "  pretext sweep --set method=simclr,byol,vicreg --set seed=1,2,3 --steps 1000\n"
        "  pretext sweep --out runs/temperatures --json");
    return [a, given] { return sweep(*a, *given); };
}

} // namespace pretext
