// What the trainer tells: rows, events and snapshots to the lanes, and the same to the run folder.
#include "core/backend/backend.h"
#include "core/engine/configedits.h"
#include "core/engine/encodercopy.h"
#include "core/engine/lengthening.h"
#include "core/engine/rowfile.h"
#include "core/engine/trainer.h"
#include "core/files/said.h"
#include "core/tensor/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

constexpr int kNewestKept = 3;
constexpr double kProfileSeconds = 1; // that each published profile is of

double since(std::chrono::steady_clock::time_point then)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

/// Since 1970.
double secondsNow()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<Event> eventsOf(const std::filesystem::path &run)
{
    const std::filesystem::path path = run / "events.jsonl";
    return std::filesystem::exists(path) ? readEvents(path) : std::vector<Event>();
}

/// As they were when the run was begun or went on.
void keepLeftOut(const std::filesystem::path &run, const std::vector<std::string> &files)
{
    std::error_code none;
    if (files.empty()) {
        std::filesystem::remove(run / kLeftOutFile, none);
        return;
    }
    std::ofstream out(run / kLeftOutFile);
    for (const std::string &file : files)
        out << file << '\n';
    if (!out.flush())
        throw std::runtime_error((run / kLeftOutFile).string() + ": " + said("cannot be written"));
}

} // namespace

Trainer::Trainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd)
    : m_options(options)
    , m_lanes(lanes)
    , m_stop(std::move(stop))
    , m_stayAfterEnd(stayAfterEnd)
    , m_config(options.config)
    , m_begun(options.config)
    , m_asked(options.config.knobs)
    , m_lookPace(options.observedShare)
    , m_lastCheckpoint(Clock::now())
{
    if (options.profiling != Profiling::off)
        m_profiler = std::make_unique<Profiler>(options.profiling == Profiling::trace);
    m_clock.tell(m_profiler.get());
}

void Trainer::openRun()
{
    if (m_options.out.empty())
        return;
    isResumed(m_options.start) ? openResumed() : openNew();
    startEventFile();
}

/// From here on: what an earlier file has of later steps is void.
void Trainer::startEventFile()
{
    if (m_options.tensorboard && m_folder)
        m_eventFile.emplace(m_folder->path() / "tensorboard", m_step + 1, secondsNow());
}

void Trainer::openNew()
{
    m_folder.emplace(RunFolder::create(m_options.out, m_config));
    keepLeftOut(m_options.out, m_dataset->info().skipped);
    m_config.parent ? openForked() : sayInitialWeights();
}

void Trainer::sayInitialWeights()
{
    for (const std::string &note : m_initNotes)
        say({m_step, "init", note.substr(0, note.find(':')), "", "", note});
}

/// "from the checkpoint of step 450, steps 451 to 480 were taken again"; empty where none were.
std::string Trainer::takenAgain() const
{
    const int64_t from = stepOf(m_from);
    return m_again.to > from ? pretext::said("from the checkpoint of step %1, steps %2 to %3 were taken again", {from, from + 1, m_step}) : "";
}

void Trainer::openForked()
{
    std::string message = pretext::said("goes on from step %1 of %2", {m_step, m_config.parent->run.string()});
    if (const std::string again = takenAgain(); !again.empty())
        message += "; " + again;
    say({m_step, "fork", m_from.filename().string(), "", "", message});
    for (const DamagedCheckpoint &damaged : damagedOf(m_options.start))
        say({m_step, "damaged", damaged.path.filename().string(), "", "", passedOver(damaged, m_from)});
    sayWhatIsOther();
}

/// Where the data are elsewhere now, or are others, or the threads are as many no longer.
void Trainer::sayWhatIsOther()
{
    if (!m_dataBefore.empty())
        say({m_step, "data", m_dataset->info().name, m_dataBefore, m_config.dataset,
             pretext::said("the data are taken from %1, no longer from %2", {m_config.dataset, m_dataBefore})});
    if (!m_dataChange.empty())
        say({m_step, "data", m_dataset->info().name, "", "", pretext::said("the data have changed: %1", {m_dataChange})});
    if (m_threadsBefore > 0)
        say({m_step, "threads", "", std::to_string(m_threadsBefore), std::to_string(m_status.threads),
             m_threadsBefore == 1
                 ? pretext::said("this run was trained on %1 thread and goes on with %2, among which sums are divided otherwise: its numbers may part from "
                                 "those of an unbroken run, at first in their last digits",
                                 {m_threadsBefore, m_status.threads})
                 : pretext::said("this run was trained on %1 threads and goes on with %2, among which sums are divided otherwise: its numbers may part from "
                                 "those of an unbroken run, at first in their last digits",
                                 {m_threadsBefore, m_status.threads})});
}

void Trainer::openResumed()
{
    const bool again = beginsAgain(m_options.start);
    m_folder.emplace(RunFolder::resume(m_options.out, m_step, damagedOf(m_options.start)));
    keepLeftOut(m_options.out, m_dataset->info().skipped);
    if (!again)
        m_begun = loadConfig(m_options.out / "config.json", Contradictions::settle);
    if (!m_dataBefore.empty())
        m_begun.dataset = m_config.dataset; // where they are now, also for the next resume
    const std::vector<std::string> edits = again ? std::vector<std::string>() : settleEdits(m_begun, m_config, eventsOf(m_options.out), m_options.out);
    planSteps(m_config.steps, m_config.plan);
    m_seconds = m_secondsAtLook = m_folder->seconds();
    m_status.lastCheckpoint = checkpointOf(m_options.start).string();
    std::string message = again ? pretext::said("the run was ended before its first checkpoint; it starts again from its config.json") : "";
    const auto add = [&message](const std::string &sentence) { message += (message.empty() ? "" : "; ") + sentence; };
    if (const std::string again = takenAgain(); !again.empty())
        add(again);
    if (const int64_t moved = m_folder->movedOnResume(); moved > 0)
        add(moved == 1 ? pretext::said("%1 row past this step moved to metrics.lost.csv", {moved})
                       : pretext::said("%1 rows past this step moved to metrics.lost.csv", {moved}));
    if (const int64_t moved = m_folder->checkpointsMovedOnResume(); moved > 0)
        add(moved == 1 ? pretext::said("%1 checkpoint past this step moved to checkpoints/lost", {moved})
                       : pretext::said("%1 checkpoints past this step moved to checkpoints/lost", {moved}));
    say({m_step, "resume", checkpointOf(m_options.start).filename().string(), "", "", message});
    for (const std::string &repair : m_folder->repairs())
        say({m_step, "repair", "", "", "", repair});
    for (const std::string &edit : edits)
        say({m_step, "config", "config.json", "", "", edit});
    for (const DamagedCheckpoint &damaged : damagedOf(m_options.start))
        say({m_step, "damaged", damaged.path.filename().string(), "", "",
             pretext::said("%1; the damaged one is in checkpoints/damaged", {passedOver(damaged, m_from)})});
    sayInitialWeights();
    if (const std::string missing = m_folder->missingRows(m_step, firstStep()); !missing.empty())
        say({m_step, "gap", "metrics.csv", "", "", missing});
    sayWhatIsOther();
}

/// Fixes the number of steps, also in config.json, which is a --steps run from then on.
void Trainer::planSteps(int64_t steps, SchedulePlan plan)
{
    m_config.steps = m_begun.steps = steps;
    m_config.plan = m_begun.plan = std::move(plan);
    if (steps > 0)
        m_config.minutes = m_begun.minutes = 0;
    if (m_folder)
        m_folder->writeConfig(m_begun);
}

/// Moves the planned end, and says in numbers what becomes of the learning rate.
void Trainer::lengthen(int64_t steps, ScheduleChange change, const KnobSet &knobs)
{
    const int64_t before = m_config.steps;
    RunConfig told = m_config;
    told.knobs = knobs;
    const std::string text = lengtheningText(told, m_step, steps, change);
    planSteps(steps, lengthened(m_config, m_step, steps, change).plan);
    m_unsaved = true;
    say({m_step, "schedule", nameOf(change), std::to_string(before), std::to_string(steps), text});
}

/// Ends a step: its row, and a snapshot or a checkpoint where one is due.
void Trainer::record()
{
    ScalarRow row{m_step, 0, m_record.scalars()};
    const auto loss = std::find_if(row.values.begin(), row.values.end(), [](const auto &value) { return value.first == "loss/total"; });
    std::rotate(row.values.begin(), loss, loss + 1); // first, whatever the method wrote before it
    m_unsaved = true;

    if (since(m_lastSnapshot) >= m_lanes.snapshotSeconds)
        publishSnapshot();
    m_clock.mark(&Timings::snapshot);
    m_clock.end(static_cast<double>(m_batch->indices.size()));
    m_seconds += m_clock.last() / 1000;

    row.seconds = std::round(m_seconds * 1e6) / 1e6;
    observe(row);
    if (m_folder) {
        m_folder->append(row);
        m_folder->append(m_step, m_clock.smoothed());
    }
    if (m_eventFile)
        m_eventFile->append(m_step, secondsNow(), row.values);
    m_lanes.log.append(std::move(row));
    if (m_options.checkpointSeconds > 0 && since(m_lastCheckpoint) >= m_options.checkpointSeconds)
        saveCheckpoint();
    publishProfile();
    publishStatus();
}

/// Adds what an observer finds, at the steps at which it looks: every so many, and the last one.
void Trainer::observe(ScalarRow &row)
{
    if (!m_observer)
        return;
    m_observer->follow(row);
    const std::vector<std::string> &columns = m_observer->columns();
    std::vector<double> found(columns.size(), std::numeric_limits<double>::quiet_NaN());
    if (const bool due = m_step % m_config.evaluateEvery == 0; due || atEnd())
        found = look(due ? m_seconds - std::exchange(m_secondsAtLook, m_seconds) : 0);
    for (size_t i = 0; i < columns.size(); ++i)
        row.values.emplace_back(columns[i], found[i]);
}

/// The seconds of the steps since the last look; 0: it is out of turn, and says nothing of how often there is time for one.
std::vector<double> Trainer::look(double stepSeconds)
{
    const ListenToOperations nobody(nullptr); // a profile is of steps
    const auto begun = Clock::now();
    std::vector<double> found = m_observer->look(*copyOf(m_model, stateNow()));
    if (const std::string news = m_observer->news(); !news.empty()) {
        say({m_step, "health", "", "", "", news});
        if (m_options.checkpointSeconds > 0)
            saveCheckpoint(); // to go back to, or to run again
    }
    if (const int64_t times = m_lookPace.looked(since(begun), stepSeconds); times > 1)
        lookLessOften(times);
    return found;
}

void Trainer::lookLessOften(int64_t times)
{
    const int64_t before = m_config.evaluateEvery;
    m_config.evaluateEvery = m_begun.evaluateEvery = before * times;
    if (m_folder)
        m_folder->writeConfig(m_begun);
    say({m_step, "evaluation", "evaluate_every", std::to_string(before), std::to_string(m_config.evaluateEvery),
         pretext::said("kNN, probe and health are computed every %1 steps, no longer every %2, which took more than %3 % of the time",
                       {m_config.evaluateEvery, before, int64_t(std::lround(100 * m_options.observedShare))})});
}

void Trainer::publishProfile()
{
    if (!m_profiler || since(m_lastProfile) < kProfileSeconds)
        return;
    m_status.profile = std::make_shared<const Profile>(m_profiler->takeRecent());
    m_lastProfile = Clock::now();
}

/// The whole run's, and its trace. The file bears the first step, so that a resumed run does not replace the one before.
void Trainer::finishProfile()
{
    if (!m_profiler)
        return;
    Profile profile = m_profiler->total();
    if (m_folder && profile.tracedSteps > 0) {
        profile.trace = m_folder->tracePath(m_step - profile.steps);
        m_profiler->writeTrace(profile.trace);
    }
    m_status.profile = std::make_shared<const Profile>(std::move(profile));
}

void Trainer::say(Event event)
{
    if (m_folder)
        m_folder->append(event);
    m_lanes.log.append(std::move(event));
    if (m_lanes.notify)
        m_lanes.notify(); // while paused nothing else would tell that a knob took effect
}

void Trainer::publishStatus()
{
    m_status.step = m_step;
    m_status.plannedSteps = m_config.steps;
    if (m_status.plan != m_config.plan)
        m_status.plan = m_config.plan;
    m_status.epoch = m_batch ? m_batch->epoch : 0;
    m_status.timings = m_clock.smoothed();
    m_lanes.status.put(m_status);
    if (m_lanes.notify)
        m_lanes.notify();
}

void Trainer::publishSnapshot()
{
    if (!m_batch && m_lanes.wanted.any())
        seeBatch();
    if (SnapshotPtr snapshot = m_record.snapshot(m_step, m_config.seed, m_config.knobs, m_lanes.wanted)) {
        m_lanes.snapshots.put(std::move(snapshot));
        if (m_lanes.notify)
            m_lanes.notify();
    }
    m_lastSnapshot = Clock::now();
}

/// As it is when the snapshot is made, which is after the step.
void Trainer::offerEncoder()
{
    m_record.heavy("encoder/weights", [this]() -> ChannelValue { return copyOf(m_model, stateNow()); });
}

/// What is known of the gradient's norm anyway, parameter by parameter, summed by the layer that these are of.
void Trainer::offerGradients()
{
    m_record.heavy("gradient/layers", [this]() -> ChannelValue {
        LayerNorms norms;
        size_t part = 0;
        for (const NamedParameter &parameter : parametersOf(m_model)) {
            if (!parameter.variable.grad().defined() || part == m_gradientSquares.size())
                continue;
            const std::string layer = parameter.name.substr(0, parameter.name.rfind('.'));
            if (norms.layers.empty() || norms.layers.back() != layer) {
                norms.layers.push_back(layer);
                norms.gradients.push_back(0);
            }
            norms.gradients.back() = std::hypot(norms.gradients.back(), std::sqrt(double(m_gradientSquares[part++])));
        }
        return norms;
    });
}

void Trainer::offerAnswers()
{
    for (const auto &[channel, question] : m_questions)
        offerAnswer(channel);
}

/// The question is read when the snapshot is made, so that the newest is answered, by the model in evaluation mode.
void Trainer::offerAnswer(const std::string &channel)
{
    m_record.heavy(channel, [this, channel]() -> ChannelValue {
        const auto question = m_questions.find(channel);
        if (question == m_questions.end())
            return {};
        const NoGrad noGrad;
        setTraining(m_model, false);
        std::optional<ChannelValue> answer = m_model.method->answer(*m_model.encoder, *m_prepared, question->second);
        setTraining(m_model, true);
        return answer ? std::move(*answer) : ChannelValue();
    });
}

bool Trainer::weightsAreFinite() const
{
    std::vector<Tensor> all;
    for (const NamedTensor &weight : weightsOf(m_model))
        all.push_back(weight.tensor);
    for (const NamedTensor &moment : m_model.optimizer->state())
        all.push_back(moment.tensor);
    return std::ranges::all_of(sumSquares(all).toHost(), [](float squares) { return std::isfinite(squares); });
}

std::map<std::string, KnobValue> Trainer::pendingKnobs() const
{
    std::map<std::string, KnobValue> pending;
    for (const PendingKnob &knob : m_pending)
        pending.emplace(knob.name, knob.before);
    return pending;
}

CheckpointState Trainer::stateNow() const
{
    return {m_step, m_config.steps, m_smoothedLoss, m_config, backendChoices(), m_prepared, m_data, m_status.threads, pendingKnobs()};
}

/// Where anything changed since the last. Weights that are not finite are not saved: the next step will say so, and name the last good file.
void Trainer::saveCheckpoint()
{
    m_lastCheckpoint = Clock::now();
    if (!m_folder || !m_unsaved || !weightsAreFinite())
        return;
    CheckpointState state = stateNow();
    state.config.knobs = m_asked;
    const std::filesystem::path path = m_folder->checkpointPath(m_step);
    pretext::saveCheckpoint(path, m_model, state);
    m_unsaved = false;
    m_status.lastCheckpoint = path.string();
    say({m_step, "checkpoint", path.filename().string(), "", "", ""});
    for (const DamagedCheckpoint &damaged : m_folder->pruneCheckpoints(kNewestKept, m_options.checkpointBytes))
        say({m_step, "damaged", damaged.path.filename().string(), "", "",
             pretext::said("%1 is damaged, and now in checkpoints/damaged: %2", {damaged.path.string(), damaged.why})});
}

/// What the step was given, and the state before it where its weights are finite, so that it can be run again. Whether that can be written does not
/// change why the run failed.
void Trainer::keepFault() noexcept
{
    if (!m_folder)
        return;
    try {
        m_folder->writeFault(m_status.fault, m_config, *m_batch);
        if (weightsAreFinite())
            pretext::saveCheckpoint(faultStateIn(m_folder->path(), m_step), m_model, stateNow());
    } catch (const std::exception &) {
        return;
    }
}

void Trainer::fail(const std::string &what)
{
    const bool training = m_loader != nullptr; // else it failed before any step
    m_status.state = TrainerState::failed;
    m_status.failedInStep = training;
    m_status.failure = training ? pretext::said("step %1: %2", {m_step + 1, what}) : what;
    const Event fault{m_step + 1, "fault", "", "", "", m_status.failure};
    m_lanes.log.append(fault);
    try {
        if (m_folder)
            m_folder->append(fault);
    } catch (const std::exception &) {
        // the disk that cannot take the fault is most likely the fault
    }
    publishStatus();
}

} // namespace pretext
