// What happens before a run's first step: its data, text and weights are made ready and held against what the run was, and its memory and its
// number of steps are found out.
#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/engine/memoryneed.h"
#include "core/engine/modalitytraining.h"
#include "core/engine/resuming.h"
#include "core/engine/trainer.h"
#include "core/files/said.h"
#include "core/system/threads.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext {

namespace {

constexpr double kSilent = 0.5; // seconds until it is said what takes so long

double secondsSince(std::chrono::steady_clock::time_point then)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

} // namespace

/// What config.json will say of the beginning; and the state of the checkpoint that it goes on from, where there is one.
CheckpointState Trainer::takeStart()
{
    const Start &start = m_options.start;
    m_from = checkpointOf(start);
    m_again = againOf(start);
    if (const auto *initialised = std::get_if<Initialised>(&start))
        m_config.init = initialised->weights.string();
    else if (std::holds_alternative<Fresh>(start))
        m_config.init.clear();
    if (std::holds_alternative<Forked>(start))
        m_config.parent = parentOf(start);
    else if (!isResumed(start))
        m_config.parent.reset();
    else if (m_from.empty() && m_config.parent) {
        const Start again = forkOf(m_config.parent->run, m_config.parent->step).options.start;
        m_from = checkpointOf(again);
        m_again = againOf(again);
    }
    m_begun.init = m_config.init;
    m_begun.parent = m_config.parent;
    if (m_from.empty())
        return {};
    CheckpointState state = readCheckpointState(m_from);
    compareData(state.data); // first, as it may be why the config does not fit them
    if (state.config.dataset != m_config.dataset)
        m_dataBefore = state.config.dataset;
    return state;
}

/// Weights, moments and step.
void Trainer::loadStateOf(const std::filesystem::path &checkpoint)
{
    m_model = makeModel(m_config, m_prepared->input());
    loadCheckpoint(checkpoint, m_model);
    m_model.method->startOn(*m_dataset);
    const CheckpointState state = readCheckpointState(checkpoint);
    m_step = state.step;
    m_smoothedLoss = state.loss;
}

/// Touches no run folder: weights that are refused leave none behind.
void Trainer::initialise()
{
    m_step = 0;
    m_smoothedLoss = std::numeric_limits<double>::infinity();
    m_model = makeModel(m_config, m_prepared->input());
    m_initNotes.clear();
    if (!m_config.init.empty())
        for (const std::string &tensor : initialiseFrom(m_config.init, m_model, &m_initNotes))
            m_initNotes.push_back(pretext::said("%1; it starts from its random weights", {tensor}));
    m_model.method->startOn(*m_dataset);
}

/// From the checkpoint to the step at which the run goes on. Nothing of these steps is told or written: the run, or its parent, has them already. False:
/// asked to stop.
bool Trainer::takeAgain(const StepsAgain &again)
{
    if (again.to <= m_step)
        return true;
    const int64_t from = m_step;
    m_pending.clear(); // the changes say when each came into force
    std::unique_ptr<Loader> loader = std::exchange(m_loader, std::make_unique<Loader>(m_dataset, m_asked, loaderOptions(m_options.loaderAhead)));
    auto change = again.changes.begin();
    for (auto told = Clock::now(); m_step < again.to;) {
        for (; change != again.changes.end() && change->step <= m_step + 1; ++change) {
            m_asked.set(change->name, change->value);
            m_config.knobs.set(change->name, change->value);
            m_loader->setKnobs(m_asked, m_knobVersion);
            m_model.optimizer->apply(m_config.knobs);
        }
        if (!step())
            return false;
        if (secondsSince(told) < kSilent)
            continue;
        told = Clock::now();
        m_status.activity = pretext::said("taking steps %1 to %2 again", {from + 1, again.to});
        m_status.activityShare = double(m_step - from) / double(again.to - from);
        publishStatus();
    }
    m_status.activity.clear();
    m_loader = std::move(loader);
    m_clock.reset();
    return true;
}

/// The state that the fork was given, from its parent's folder, with the knobs as they are now.
void Trainer::beginAsForked()
{
    const Start start = forkOf(m_config.parent->run, m_config.parent->step).options.start;
    const KnobSet inForce = m_config.knobs, asked = m_asked;
    m_config.knobs = m_asked = readCheckpointState(checkpointOf(start)).config.knobs;
    loadStateOf(checkpointOf(start));
    takeAgain(againOf(start));
    m_record.clear(); // the steps may have had other knobs
    m_batch.reset();
    m_config.knobs = inForce;
    m_asked = asked;
    m_model.optimizer->apply(m_config.knobs);
}

/// Back to the run's first step: of one that was forked the state that it was given, of which it has kept a copy.
void Trainer::beginAgain()
{
    if (m_config.parent) {
        const bool kept = m_folder && std::filesystem::exists(m_folder->checkpointPath(firstStep()));
        return kept ? loadStateOf(m_folder->checkpointPath(firstStep())) : beginAsForked();
    }
    initialise();
    sayInitialWeights();
}

/// Refuses data that are not those of the checkpoint, unless that was accepted and the batch still fits.
void Trainer::compareData(const DataMark &before)
{
    m_dataChange = changeOf(before, m_data);
    if (m_dataChange.empty())
        return;
    const std::string since = m_from.filename().string();
    if (const std::string tooFew = tooFewFor(m_config.batch, m_data); !tooFew.empty())
        throw std::runtime_error(m_dataset->info().name + ": " + pretext::said("the data have changed since %1: %2; %3", {since, m_dataChange, tooFew}));
    if (!m_options.dataMayDiffer)
        throw std::runtime_error(
            m_dataset->info().name + ": "
            + pretext::said("the data have changed since %1: %2; put them back, or accept the change with --data-changed", {since, m_dataChange}));
}

/// Knobs whose change was still to come are so again, and threads are held against those of before.
void Trainer::goOnAs(const CheckpointState &before)
{
    if (isResumed(m_options.start)) // a fork begins with what was asked for
        for (const auto &[name, value] : before.pending) {
            m_config.knobs.set(name, value);
            m_pending.push_back({name, value, m_knobVersion}); // the next batch is made with what was asked for
        }
    const int known = before.threads > 0 ? before.threads : before.config.threads;
    m_threadsBefore = known != threads() ? known : 0;
    if (before.config.device != m_config.device && before.config.device != "auto")
        m_deviceBefore = before.config.device;
}

/// As they will be once the commands are taken that change them.
KnobSet Trainer::knobsOfFirstStep() const
{
    KnobSet knobs = m_config.knobs;
    for (const auto &[knob, value] : m_options.knobs)
        knobs.set(knob, value);
    return knobs;
}

/// What layers are multiplied in from here on. What another device was trained in goes on as near to it as this one can.
void Trainer::settlePrecision()
{
    if (checkpointOf(m_options.start).empty() && !isResumed(m_options.start))
        requirePrecision(m_config.precision);
    m_status.precision = m_config.precision = nameOf(precisionNamed(m_config.precision));
}

/// Everything up to the first step. False: asked to stop.
bool Trainer::prepare()
{
    for (const auto &[knob, value] : m_options.knobs)
        m_lanes.commands.post(SetKnob{knob, value});
    const ThreadChoice team = chooseThreads(m_config.threads);
    setThreads(team.count);
    m_status.threads = threads();
    m_status.threadsReason = team.reason;
    m_dataset = m_options.dataset ? m_options.dataset : openDataset(m_config.dataset, m_config.datasetOptions);
    m_data = markOf(*m_dataset);
    settlePrecision();
    publishStatus();
    const CheckpointState state = takeStart();
    checkConfig(m_config, *m_dataset);
    if (!prepareData(state.prepared))
        return false;
    requireMemory();
    m_from.empty() ? initialise() : loadStateOf(m_from);
    if (!m_from.empty())
        goOnAs(state);
    if (m_config.evaluateEvery > 0 && m_options.observer)
        m_observer = m_options.observer(m_config, *m_dataset);
    const int64_t asked = m_from.empty() ? m_config.steps : std::exchange(m_config.steps, state.config.steps);
    if (!takeAgain(m_again))
        return false;
    openRun();
    if (m_config.steps != asked)
        lengthen(asked, m_options.scheduleOnResume, knobsOfFirstStep());
    m_loader = std::make_unique<Loader>(m_dataset, m_asked, loaderOptions(m_options.loaderAhead));
    if (m_config.steps == 0 && m_config.minutes > 0)
        calibrate();
    m_unsaved |= !isResumed(m_options.start) || m_again.to > 0 || beginsAgain(m_options.start) || !m_dataBefore.empty();
    saveCheckpoint();
    m_status.state = m_options.startPaused ? TrainerState::paused : TrainerState::playing;
    if (m_options.startPaused) {
        publishSnapshot();
        say({m_step, "pause", "", "", "", ""}); // whoever looks at its folder learns that it rests
    }
    return true;
}

/// Before anything is written.
void Trainer::requireMemory()
{
    std::optional<FreeMemory> free = m_options.freeMemory ? m_options.freeMemory : freeMemory();
    if (DeviceScope::current() != Device::cpu && !m_options.freeMemory) {
        const DeviceInfo device = backend(DeviceScope::current()).information();
        free = FreeMemory{device.freeBytes, device.name};
    }
    if (!free)
        return;
    if (!m_options.freeMemory)
        free->bytes += backend(DeviceScope::current()).memory().bytesCached; // of an earlier job, and taken again
    const auto begin = Clock::now();
    requireThatItFits(m_config.batch, *free, [&](int64_t batch) {
        if (secondsSince(begin) > kSilent) {
            m_status.activity = pretext::said("measuring how much memory a step of %1 takes, by smaller ones", {std::to_string(m_config.batch)});
            m_status.activityShare = double(batch) / double(m_config.batch);
            publishStatus();
        }
        return bytesOfStep(batch);
    });
    m_status.activity.clear();
}

/// The most that a step of so many samples holds: of a model of its own, so that nothing of the run changes.
double Trainer::bytesOfStep(int64_t batch) const
{
    const ListenToOperations nobody(nullptr);
    const Backend &device = backend(DeviceScope::current());
    device.beginMemoryPeak();
    const size_t before = device.memoryPeak();
    LoaderOptions options = loaderOptions(0);
    options.batchSize = static_cast<int>(batch);
    std::unique_ptr<Batch> rows;
    try {
        rows = Loader(m_dataset, m_asked, options).next(m_step, m_stop);
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        return 0; // the step that meets it will say so
    }
    if (!rows)
        return 0; // asked to stop
    RunConfig config = m_config;
    config.batch = batch;
    Model model = makeModel(config, m_prepared->input());
    StepRecord record;
    record.begin(*rows, m_prepared);
    const Autocast autocast(precisionNamed(config.precision));
    backward(model.method->loss(*model.encoder, stepInput(*rows, config, m_step, m_split.get(), record)));
    model.optimizer->step(0);
    finishStep(model, config, m_step + 1);
    double originals = 0;
    for (const Image &image : rows->originals)
        originals += double(image.pixels.size());
    const int made = m_options.loaderAhead + 2;                                     // batches, beside the one on the device
    const double held = std::max(0., double(device.memoryPeak()) - double(before)); // another job that is made ready meanwhile begins the peak anew
    return held + double(made) * (double(rows->pixels.size() * sizeof(float)) + originals);
}

/// What samples are treated with, the checkpoint's where the run goes on from one, and the training split where it is to be made ready. False:
/// asked to stop.
bool Trainer::prepareData(std::shared_ptr<const Prepared> before)
{
    const ModalityTraining &kind = *modalityType(m_dataset->info().modality).training;
    const auto tell = [this](const std::string &what, double share) {
        m_status.activity = what;
        m_status.activityShare = share;
        publishStatus();
        return !m_stop.stop_requested();
    };
    m_prepared = kind.prepare({m_config.knobs, *m_dataset, std::move(before), tell, m_stop});
    if (!m_prepared)
        return false;
    if (!kind.split)
        return true;
    m_split = kind.split(*m_dataset, Split::train, *m_prepared, tell);
    m_status.activity.clear();
    return !m_stop.stop_requested();
}

/// Takes a few steps, to learn how long one lasts, and forgets them. The run then starts from step 0 with its number of steps fixed,
/// exactly as one with --steps would.
void Trainer::calibrate()
{
    const double budget = 60 * m_config.minutes;
    m_config.steps = 1'000'000; // the schedule needs a total
    const double perStep = secondsPerStep(budget);
    const double left = (budget - secondsSince(m_options.begun)) * (m_observer ? 1 - m_options.observedShare : 1);
    const int64_t steps = std::max<int64_t>(1, std::llround(left / perStep));
    m_record.clear();
    m_clock.reset();
    beginAgain();
    if (m_stop.stop_requested())
        return planSteps(0, {}); // still to be found out
    planSteps(steps, {});
    m_pacer.emplace(budget, steps, secondsSince(m_options.begun));
}

/// Where the load of the machine has changed, so that the planned steps would not end with the minutes: other ones, over which what is left of the
/// learning rate's schedule is laid.
void Trainer::planAgain()
{
    if (!m_pacer)
        return;
    const int64_t before = m_config.steps;
    const std::optional<int64_t> steps = m_pacer->look(m_step, secondsSince(m_options.begun));
    if (!steps)
        return;
    planSteps(*steps, fittedPlan(m_config.plan, m_step, before, *steps));
    m_unsaved = true;
    say({m_step, "schedule", "minutes", std::to_string(before), std::to_string(*steps),
         pretext::said("the load of this machine has changed: %1 steps instead of %2 fit the time asked for", {*steps, before})});
    publishStatus();
}

/// The median: one slow step, as when something else takes the processor for a moment, does not shorten the run.
double Trainer::secondsPerStep(double budget)
{
    constexpr int kWarmUp = 4, kLeast = 4;                // steps; fewer where these alone would take
    constexpr double kShare = 0.02, kLargestShare = 0.04; // of the time asked for
    auto begin = Clock::now();
    for (int i = 0; i < kWarmUp && (i == 0 || secondsSince(begin) < kLargestShare * budget); ++i)
        step();
    begin = Clock::now();
    std::vector<double> seconds;
    const auto enough = [&](double total) { return total > kLargestShare * budget || (seconds.size() >= kLeast && total > kShare * budget); };
    for (auto last = begin; step(); last = Clock::now()) {
        seconds.push_back(secondsSince(last));
        if (enough(secondsSince(begin)))
            break;
    }
    if (seconds.empty())
        return secondsSince(begin); // asked to stop
    std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
    return seconds[seconds.size() / 2];
}

} // namespace pretext
