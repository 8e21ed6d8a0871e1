#include "app/cli/traingoingon.h"

#include "app/cli/cli.h"
#include "app/cli/trained.h"
#include "core/data/modalitytype.h"
#include "core/engine/lengthening.h"
#include "core/engine/resuming.h"

#include <algorithm>
#include <iostream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// What would make another run of it.
void refuseOtherRun(const TrainArguments &a, const std::string &option, const std::string &whose)
{
    const std::pair<const char *, bool> given[] = {{"--method", a.method.has_value()},       {"--encoder", a.encoder.has_value()},
                                                   {"--batch", a.batch.has_value()},         {"--seed", a.seed.has_value()},
                                                   {"--init", a.init.has_value()},           {"--config", a.config.has_value()},
                                                   {"--minutes", a.minutes.has_value()},     {"--precision", a.precision.has_value()},
                                                   {"--size", a.size.has_value()},           {"--grey", a.grey},
                                                   {"--imbalance", a.imbalance.has_value()}, {"--code", a.code.has_value()}};
    for (const auto &[other, present] : given)
        if (present)
            throw UsageError(std::string(other) + " cannot change on " + option + ", which goes on with the " + whose + " own config; start a new run");
}

/// The run's own data, or the same where they are now: the trainer compares them.
void openOwnData(const TrainArguments &arguments, const DataMark &before, TrainerOptions &options)
{
    RunConfig &config = options.config;
    if (!arguments.dataset) {
        requireOwnData(config.dataset);
        options.dataset = openDataset(config.dataset, config.datasetOptions);
        return;
    }
    options.dataset = openNamed(*arguments.dataset, config.datasetOptions);
    fromCommandLine("--dataset", [&] { requireModality(*options.dataset, modalityOf(config)); }); // whether they have changed the trainer tells
    const std::string own = std::exchange(config.dataset, absoluteIfPath(*arguments.dataset));
    if (config.dataset != own && !before.known() && !arguments.dataChanged)
        throw UsageError(
            "--dataset: it is not kept what the data of this run were, so these cannot be compared with them; --data-changed takes them as they are");
}

/// Knobs that the command line sets are changes at the step where the run goes on. `before`: as they are there.
void changeKnobs(const TrainArguments &arguments, const std::string &option, KnobSet before, TrainerOptions &options)
{
    for (const ChangedKnob &change : againOf(options.start).changes)
        before.set(change.name, change.value);
    KnobSet knobs = before;
    for (const auto &[knob, value] : knobsIn(arguments.knobs)) {
        fromCommandLine("--set", [&, &knob = knob, &value = value] {
            if (isOption(knob))
                throw std::invalid_argument(knob + " is no knob, and stays as the run has it");
            requireOwnKnob(options.config, knob);
            knobs.setText(knob, value);
        });
        if (knobs.find(knob)->effect == KnobEffect::restart)
            throw UsageError("--set " + knob + "=" + value + ": " + knob + " acts on a new run only; it cannot change on " + option);
    }
    fromCommandLine([&] { knobs.requireConsistent(); });
    for (const std::string &knob : changedInOrder(before, knobs))
        options.knobs.emplace_back(knob, knobs.value(knob));
}

/// Steps, threads, device, data and knobs, which may be others than before. `run`: what goes on.
void goOn(const TrainArguments &arguments, const std::string &option, const fs::path &run, Resumption &resumption)
{
    TrainerOptions &options = resumption.options;
    options.dataMayDiffer = arguments.dataChanged;
    take(arguments.steps, options.config.steps);
    if (beginsAgain(options.start) && arguments.steps) { // of another length than its config
        options.config.minutes = 0;
        options.config.plan.clear();
    }
    take(arguments.threads, options.config.threads);
    take(arguments.device, options.config.device);
    if (arguments.scheduleOnResume)
        options.scheduleOnResume = fromCommandLine("--schedule-on-resume", [&] { return scheduleChangeNamed(*arguments.scheduleOnResume); });
    openOwnData(arguments, resumption.state.data, options);
    fromCommandLine([&] { checkConfig(options.config); }); // against the data when it is known whether they have changed
    const int64_t step = std::max(resumption.state.step, againOf(options.start).to);
    if (options.config.steps > 0 && step >= options.config.steps)
        throw UsageError(run.string() + " is at step " + std::to_string(step) + " of " + std::to_string(options.config.steps)
                         + " already; give a larger --steps to go on");
    changeKnobs(arguments, option, options.config.knobs, options);
    if (!arguments.scheduleOnResume && !beginsAgain(options.start) && asksForScheduleChange(resumption.state.config, options.config.steps))
        std::cout
            << "the planned end moves: --schedule-on-resume hold, rewarm or stretch says what the learning rate does then; where it is not given, it holds\n";
}

} // namespace

TrainerOptions resumedRun(const TrainArguments &arguments)
{
    refuseOtherRun(arguments, "--resume", "run's");
    if (arguments.evaluateEvery)
        throw UsageError("--evaluate-every cannot change on --resume, whose metrics.csv keeps its columns; start a new run, or --fork this one");
    if (!arguments.out)
        throw UsageError("--resume needs --out RUN, the run to go on with");
    const RunAtStep at = fromCommandLine("--resume --out", [&] { return runAtStepNamed(*arguments.out); });
    requireRun(at.run, "--resume --out");
    if (at.step)
        requireStep(at.run, *at.step, "--resume --out");
    Resumption resumption = resumptionOf(at.run, at.step);
    requireWritableFolder(resumption.options.out, resumption.options.out);
    goOn(arguments, "--resume", resumption.options.out, resumption);
    return std::move(resumption.options);
}

TrainerOptions forkedRun(const TrainArguments &arguments)
{
    refuseOtherRun(arguments, "--fork", "parent's");
    if (arguments.out)
        requireNewRun(*arguments.out);
    const RunAtStep at = fromCommandLine("--fork", [&] { return runAtStepNamed(*arguments.fork); });
    requireRun(at.run, "--fork");
    if (at.step)
        requireStep(at.run, *at.step, "--fork");
    Resumption resumption = forkOf(at.run, at.step);
    resumption.options.out = arguments.out ? fs::path(*arguments.out) : runNamedByDate(resumption.options.config.method);
    take(arguments.evaluateEvery, resumption.options.config.evaluateEvery);
    goOn(arguments, "--fork", at.run, resumption);
    return std::move(resumption.options);
}

} // namespace pretext
