// The training loop.
#include "core/engine/trainer.h"

#include "core/backend/backend.h"
#include "core/backend/memorypeak.h"
#include "core/data/text/tokenizedtext.h"
#include "core/engine/lengthening.h"
#include "core/engine/memoryneed.h"
#include "core/engine/tokenizing.h"
#include "core/engine/trainingloop.h"
#include "core/system/describe.h"
#include "core/system/threads.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext {

namespace {

double secondsSince(std::chrono::steady_clock::time_point then)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

std::string textOf(double notFinite)
{
    return std::isnan(notFinite) ? "NaN" : notFinite > 0 ? "infinite" : "minus infinite";
}

} // namespace

void Trainer::run()
{
    const ListenToOperations listening(m_profiler.get());
    if (!prepare())
        return rest(TrainerState::ended); // asked to stop before the first step
    while (takeCommands() && step()) {
        record();
        planAgain();
    }
    saveCheckpoint();
    finishProfile();
    rest(TrainerState::ended);
}

bool Trainer::step()
{
    m_clock.begin();
    std::unique_ptr<Batch> batch = m_loader->next(m_step, m_stop);
    if (!batch)
        return false; // asked to stop while it waited
    takeBatch(std::move(batch));
    m_clock.mark(&Timings::data);

    clearGradients();
    const Variable loss = this->loss();
    const double value = loss.value().item();
    m_clock.mark(&Timings::forward);

    backward(loss);
    const double norm = gradientNorm();
    m_clock.mark(&Timings::backward);

    requireFinite(value, norm);
    const float rate = learningRateAt(m_config, m_step);
    m_model.optimizer->step(rate);
    m_clock.mark(&Timings::optimizer);

    ++m_step;
    m_record.scalar("loss/total", value);
    m_record.scalar("gradient/norm", norm);
    m_record.scalar("learning_rate", rate);
    return true;
}

void Trainer::takeBatch(std::unique_ptr<Batch> batch)
{
    m_record.clear(); // it refers to the batch before
    if (m_batch)
        m_loader->recycle(std::move(m_batch));
    m_batch = std::move(batch);
    if (m_profiler)
        m_profiler->batchMade(m_batch->begun, m_batch->made);
    acknowledge(m_batch->knobVersion);
    m_record.begin(*m_batch, m_dataset, m_text);
    offerEncoder();
    offerAnswers();
}

/// What the next step would train on, through the weights as they are, for whoever looks at a run that rests and has taken no step here.
/// Nothing of the run changes: the batch is made beside the loader, and statistics that a forward pass moves are put back.
void Trainer::look()
{
    std::unique_ptr<Batch> batch = Loader(m_dataset, m_asked, loaderOptions(0)).next(m_step, m_stop);
    if (!batch)
        return;
    m_batch = std::move(batch);
    m_record.begin(*m_batch, m_dataset, m_text);
    std::vector<std::pair<Tensor, Tensor>> statistics;
    for (Module *module : {static_cast<Module *>(m_model.encoder.get()), &m_model.method->heads()})
        for (const NamedTensor &buffer : module->buffers())
            statistics.emplace_back(buffer.tensor, buffer.tensor.clone());
    {
        const NoGrad noGrad;
        loss();
    }
    for (auto &[buffer, before] : statistics)
        buffer.copyFrom(before);
    offerEncoder();
    offerAnswers();
}

LoaderOptions Trainer::loaderOptions(int ahead) const
{
    const MethodType &type = methodType(m_config.method);
    return {static_cast<int>(m_config.batch), type.views, m_config.seed, ahead, type.maker, m_text};
}

Variable Trainer::loss()
{
    const Autocast autocast(precisionNamed(m_config.precision));
    return m_model.method->loss(*m_model.encoder, stepInput(*m_batch, m_config, m_step, m_text.get(), m_record));
}

InputShape Trainer::input() const
{
    return m_text ? inputShapeOf(m_text->tokenizer()) : InputShape(m_dataset->info().image);
}

void Trainer::clearGradients()
{
    for (NamedParameter &parameter : parametersOf(m_model))
        parameter.variable.clearGrad();
}

double Trainer::gradientNorm() const
{
    double sum = 0;
    for (const NamedParameter &parameter : parametersOf(m_model)) {
        const Tensor &gradient = parameter.variable.grad();
        if (!gradient.defined())
            continue;
        Tensor squares(Shape{1}, DType::f32, gradient.device());
        backendOf(gradient).sumSquares(gradient, squares);
        sum += squares.item();
    }
    return std::sqrt(sum);
}

void Trainer::requireFinite(double loss, double gradientNorm)
{
    if (std::isfinite(loss) && std::isfinite(gradientNorm))
        return;
    const std::string what = std::isfinite(loss) ? "gradient norm is " + textOf(gradientNorm) : "loss is " + textOf(loss);
    const std::string good = m_status.lastCheckpoint.empty() ? "no checkpoint was written; start again with a lower learning rate"
                                                             : "the last good checkpoint is " + m_status.lastCheckpoint;
    throw std::runtime_error(what + ": " + findNonFinite() + "; the step was not applied; " + good);
}

std::string Trainer::findNonFinite()
{
    for (const NamedParameter &weight : parametersOf(m_model))
        for (const float value : weight.variable.value().toHost())
            if (!std::isfinite(value))
                return "the weight " + weight.name + " holds " + textOf(value);
    try {
        const NonFiniteGuard guard;
        clearGradients();
        m_record.begin(*m_batch, m_dataset, m_text);
        backward(loss());
    } catch (const NonFiniteError &error) {
        return error.what();
    }
    return "its parts are finite, their sum is too large";
}

/// Touches no run folder: weights that are refused leave none behind.
void Trainer::initialise()
{
    m_model = makeModel(m_config, input());
    m_initNotes.clear();
    if (m_config.init.empty())
        return;
    const std::vector<std::string> unfit = initialiseFrom(m_config.init, m_model, &m_initNotes);
    for (const std::string &tensor : unfit)
        m_initNotes.push_back(tensor + "; it starts from its random weights");
}

void Trainer::startFromInitialWeights()
{
    initialise();
    for (const std::string &note : m_initNotes)
        say({m_step, "init", note.substr(0, note.find(':')), "", "", note});
}

/// Refuses data that are not those of the checkpoint, unless that was accepted.
void Trainer::compareData(const DataMark &before)
{
    m_dataChange = changeOf(before, m_data);
    if (!m_dataChange.empty() && !m_options.dataMayDiffer)
        throw std::runtime_error(m_dataset->info().name + ": the data have changed since " + m_options.resumeFrom.filename().string() + ": " + m_dataChange
                                 + "; put them back, or accept the change with --data-changed");
}

/// Everything up to the first step. False: asked to stop.
bool Trainer::prepare()
{
    const ThreadChoice team = chooseThreads(m_config.threads);
    setThreads(team.count);
    m_status.threads = threads();
    m_status.threadsReason = team.reason;
    if (m_config.device == "cuda")
        backend(Device::cuda); // says why there is none
    m_dataset = m_options.dataset ? m_options.dataset : openDataset(m_config.dataset, m_config.datasetOptions);
    checkConfig(m_config, *m_dataset);
    m_data = markOf(*m_dataset);
    m_status.precision = m_config.precision = nameOf(precisionNamed(m_config.precision));
    publishStatus();
    CheckpointState state;
    if (!m_options.resumeFrom.empty())
        state = readCheckpointState(m_options.resumeFrom);
    if (m_dataset->info().modality == Modality::text && !prepareText(state.tokenizer))
        return false;
    if (!m_options.resumeFrom.empty())
        compareData(state.data);
    requireMemory();
    if (!m_options.resumeFrom.empty()) {
        m_model = makeModel(m_config, input());
        loadCheckpoint(m_options.resumeFrom, m_model);
        m_step = state.step;
        m_smoothedLoss = state.loss;
    } else {
        initialise();
    }
    const int64_t asked = m_options.resumeFrom.empty() ? m_config.steps : std::exchange(m_config.steps, state.config.steps);
    openRun();
    if (m_config.steps != asked)
        lengthen(asked, m_options.scheduleOnResume);
    m_loader = std::make_unique<Loader>(m_dataset, m_asked, loaderOptions(m_options.loaderAhead));
    if (m_config.steps == 0 && m_config.minutes > 0)
        calibrate();
    m_unsaved |= m_options.resumeFrom.empty();
    saveCheckpoint();
    m_status.state = m_options.startPaused ? TrainerState::paused : TrainerState::playing;
    if (m_options.startPaused)
        publishSnapshot();
    publishStatus();
    return true;
}

/// Before anything is written.
void Trainer::requireMemory()
{
    std::optional<FreeMemory> free = m_options.freeMemory ? m_options.freeMemory : freeMemory();
    if (!free)
        return;
    if (!m_options.freeMemory)
        free->bytes += backend(Device::cpu).memory().bytesCached; // of an earlier job, and taken again
    requireThatItFits(m_config.batch, *free, [this](int64_t batch) { return bytesOfStep(batch); });
}

/// The most that a step of so many samples holds: of a model of its own, so that nothing of the run changes.
double Trainer::bytesOfStep(int64_t batch) const
{
    const ListenToOperations nobody(nullptr);
    beginMemoryPeak();
    const size_t before = memoryPeak();
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
    Model model = makeModel(config, input());
    StepRecord record;
    record.begin(*rows, m_dataset, m_text);
    const Autocast autocast(precisionNamed(config.precision));
    backward(model.method->loss(*model.encoder, stepInput(*rows, config, m_step, m_text.get(), record)));
    model.optimizer->step(0);
    const int made = m_options.loaderAhead + 2; // batches, beside the one on the device
    return double(memoryPeak() - before) + double(made) * double(rows->pixels.size() * sizeof(float));
}

/// The tokenizer, the checkpoint's where the run goes on from one, and the training split as its tokens. False: asked to stop.
bool Trainer::prepareText(std::shared_ptr<const Tokenizer> tokenizer)
{
    const auto tell = [this](const std::string &what, double share) {
        m_status.activity = what;
        m_status.activityShare = share;
        publishStatus();
        return !m_stop.stop_requested();
    };
    if (!tokenizer)
        tokenizer = obtainTokenizer(m_config.knobs, *m_dataset, tell, m_stop);
    if (!tokenizer)
        return false;
    m_text = std::make_shared<const TokenizedText>(*m_dataset, Split::train, std::move(tokenizer), 0,
                                                   [&](double share) { return tell("cutting the text into tokens", share); });
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
    const double left = budget - secondsSince(m_options.begun);
    const int64_t steps = std::max<int64_t>(1, std::llround(left / perStep));
    m_step = 0;
    m_record.clear();
    m_clock.reset();
    startFromInitialWeights();
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
         "the load of this machine has changed: " + std::to_string(*steps) + " steps instead of " + std::to_string(before) + " fit the time asked for"});
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
    const auto enough = [&](double total) {
        return total > kLargestShare * budget || (seconds.size() >= kLeast && total > kShare * budget);
    };
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

void runTrainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd)
{
    Trainer trainer(options, lanes, stop, stayAfterEnd);
    try {
        trainer.run();
    } catch (const std::exception &error) {
        trainer.fail(describe(error));
    } catch (...) {
        trainer.fail("something that is no exception was thrown");
    }
}

Job::Job(TrainerOptions options, std::unique_ptr<Lanes> lanes)
    : m_options(std::move(options))
    , m_lanes(std::move(lanes))
    , m_thread([this](std::stop_token stop) { runTrainer(m_options, *m_lanes, stop, true); })
{
}

Job::~Job() = default;

} // namespace pretext
