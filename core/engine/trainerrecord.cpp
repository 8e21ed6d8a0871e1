// What the trainer tells: rows, events and snapshots to the lanes, and the same to the run folder.
#include "core/backend/backend.h"
#include "core/engine/encodercopy.h"
#include "core/engine/lengthening.h"
#include "core/engine/trainer.h"
#include "core/files/said.h"
#include "core/tensor/arithmetic.h"

#include <algorithm>
#include <cmath>
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

    publishWhatLeft(false);
    const bool due = !m_leaving && since(m_lastSnapshot) >= m_lanes.snapshotSeconds;
    if (m_turn ? m_turn->looks(due) : due)
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
        m_eventFile->append(m_step, EventFile::now(), row.values);
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
    m_status.activity = pretext::said("evaluating step %1: kNN, probe and health", {m_step});
    tellStatus(); // of the step before, whose row is told
    std::vector<double> found = m_observer->look(*copyOf(m_model, stateNow()));
    m_status.activity.clear();
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
    if (m_status.deviceBytes > 0) {
        const MemoryStatistics memory = backend(DeviceScope::current()).memory();
        m_status.deviceHeld = memory.bytesInUse + memory.bytesCached;
    }
    tellStatus();
}

void Trainer::tellStatus()
{
    m_lanes.status.put(m_status);
    if (m_lanes.notify)
        m_lanes.notify();
}

void Trainer::publishSnapshot()
{
    if (!m_batch && m_lanes.wanted.any())
        seeBatch();
    publishWhatLeft(true); // in their order
    m_leaving = m_record.snapshot(m_step, m_config.seed, m_config.knobs, m_lanes.wanted);
    publishWhatLeft(m_status.state != TrainerState::playing);
    m_lastSnapshot = Clock::now();
}

/// The snapshot that was made last, when all of it is there; of a run that rests nobody else would look after it.
void Trainer::publishWhatLeft(bool waits)
{
    if (!m_leaving || !(waits || m_leaving->there()))
        return;
    m_lanes.snapshots.put(std::exchange(m_leaving, std::nullopt)->take());
    if (m_lanes.notify)
        m_lanes.notify();
}

/// As it is when the snapshot is made, which is after the step.
void Trainer::offerEncoder()
{
    m_record.heavy("encoder/weights", [this] { return shownCopyOf(m_model, stateNow()); });
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
