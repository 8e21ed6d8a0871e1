#include "widgets/panels/healthmaker.h"

#include "core/backend/backend.h"
#include "core/files/said.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/snapshotpace.h"

#include <algorithm>

namespace pretext {

namespace {

constexpr double kFastestLook = 2, kSlowestLook = 60; // seconds
constexpr double kLookShare = 0.01;                   // of the machine; steps lose about twice that, since the team waits for the interrupted thread

} // namespace

double healthInterval(double cost, int threads)
{
    return std::clamp(cost / (kLookShare * std::max(threads, 1)), kFastestLook, kSlowestLook);
}

HealthMaker::HealthMaker(Run &run, std::function<bool()> showing, QObject *parent) : QObject(parent), m_run(run), m_showing(std::move(showing))
{
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &HealthMaker::update);
    connect(&m_run, &Run::jobStarted, this, &HealthMaker::clear);
    connect(&m_run, &Run::jobStopped, this, &HealthMaker::giveUp);
    connect(&m_run, &Run::statusChanged, this, &HealthMaker::update);
    connect(&m_run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind")
            clear();
    });
}

HealthMaker::~HealthMaker()
{
    giveUp();
}

bool HealthMaker::playing() const
{
    const TrainerState state = m_run.status().state;
    return state == TrainerState::starting || state == TrainerState::playing;
}

bool HealthMaker::wantsWeights() const
{
    const auto dataset = m_run.dataset();
    const bool current = !playing() && m_step == m_run.status().step, pauses = playing() && m_pause.isActive();
    return m_showing() && m_run.hasJob() && dataset && dataset->size(Split::test) > 0 && !m_progress && !pauses && !current;
}

/// Tells when the answer to wantsWeights() is another one.
void HealthMaker::update()
{
    if (m_progress && !m_showing())
        giveUp();
    if (const bool wants = wantsWeights(); wants != m_asking) {
        m_asking = wants;
        emit wantsChanged();
    }
}

void HealthMaker::look()
{
    update();
    const SnapshotPtr snapshot = m_run.snapshot();
    const auto *copy = snapshot ? snapshot->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights") : nullptr;
    if (!copy || !*copy || !wantsWeights())
        return;
    const int64_t step = (*copy)->state.step;
    if (step != m_step && step <= m_run.status().step)
        begin(*copy);
}

HealthMaker::Made HealthMaker::make(const EncoderCopy &copy, const Dataset &dataset, std::shared_ptr<const EncoderHealth> untrained, Progressing &progress)
{
    const ThreadBudget alone(1);                                          // only the trainer has a team
    const Autocast autocast(precisionNamed(copy.state.config.precision)); // as the job computes
    const auto working = [&](const std::string &what) { return [&progress, what](double share) { return progress.report(what, share); }; };
    if (!untrained)
        untrained = std::make_shared<const EncoderHealth>(
            untrainedHealth(copy.state, dataset, {}, working(pretext::said("held-out samples through the untrained encoder"))));
    const double begun = processorSeconds();
    TrainedEncoder trained = encoderOf(copy);
    auto now = std::make_shared<const EncoderHealth>(
        healthOf(trained, dataset, {}, working(pretext::said("held-out samples through the encoder of step %1", {copy.state.step}))));
    if (progress.cancelled())
        return {};
    return {now, untrained, processorSeconds() - begun};
}

void HealthMaker::begin(std::shared_ptr<const EncoderCopy> copy)
{
    m_step = copy->state.step;
    m_progress = std::make_shared<Progressing>();
    const auto work = [copy, data = m_run.dataset(), untrained = m_untrained, progress = m_progress] { return make(*copy, *data, untrained, *progress); };
    inBackground(
        this, work,
        [this, progress = m_progress](const Made &made) {
            if (progress == m_progress)
                finish(made);
        },
        [this, progress = m_progress](const QString &line) {
            if (progress != m_progress)
                return;
            finish({});
            emit failed(line);
        });
    update();
}

void HealthMaker::finish(const Made &made)
{
    m_progress.reset();
    m_pause.start(int(1000 * healthInterval(made.cost, chooseThreads(0).count)));
    if (made.now) {
        m_newest = made.now;
        m_untrained = made.untrained;
        emit this->made();
    }
    update();
}

void HealthMaker::giveUp()
{
    if (!m_progress)
        return;
    m_progress->cancel();
    m_progress.reset();
    m_step = -1;
}

void HealthMaker::clear()
{
    giveUp();
    m_pause.stop();
    m_newest.reset();
    m_untrained.reset();
    m_step = -1;
    emit cleared();
    update();
}

QString HealthMaker::progress() const
{
    return m_progress ? m_progress->what() : QString();
}

} // namespace pretext
