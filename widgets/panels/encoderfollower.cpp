#include "widgets/panels/encoderfollower.h"

#include "core/autograd/variable.h"
#include "core/backend/backend.h"
#include "core/data/dataset.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/snapshotpace.h"

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

constexpr double kFastest = 2, kSlowest = 60; // seconds between two pieces of work
constexpr double kNoHurry = std::numeric_limits<double>::infinity();

} // namespace

double workInterval(double cost, int threads, int followers)
{
    constexpr double kShare = 0.008; // of the machine
    return std::clamp(cost * std::max(followers, 1) / (kShare * std::max(threads, 1)), kFastest, kSlowest);
}

EncoderFollower::EncoderFollower(Run &run, Following following, QObject *parent) : QObject(parent), m_run(run), m_following(std::move(following))
{
    all().insert(this);
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &EncoderFollower::update);
    connect(&m_run, &Run::jobStarted, this, &EncoderFollower::clear);
    connect(&m_run, &Run::jobStopped, this, &EncoderFollower::giveUp);
    connect(&m_run, &Run::statusChanged, this, &EncoderFollower::look); // a snapshot may have come before its status
    connect(&m_run, &Run::shownStepChanged, this, &EncoderFollower::showOther);
    connect(&m_run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind")
            clear();
    });
}

EncoderFollower::~EncoderFollower()
{
    all().erase(this);
    giveUp();
}

/// Those of the window, to share what they may take.
std::set<const EncoderFollower *> &EncoderFollower::all()
{
    static std::set<const EncoderFollower *> followers;
    return followers;
}

int EncoderFollower::atWork()
{
    return int(std::ranges::count_if(all(), [](const EncoderFollower *follower) { return follower->m_following.showing(); }));
}

bool EncoderFollower::playing() const
{
    const TrainerState state = m_run.status().state;
    return state == TrainerState::starting || state == TrainerState::playing;
}

bool EncoderFollower::wantsWeights() const
{
    const bool moves = playing() && !m_run.looksBack();
    const bool current = !moves && m_step == m_run.shownStep(), pauses = moves && m_pause.isActive();
    const auto dataset = m_run.dataset();
    return m_following.showing() && m_run.hasJob() && dataset && dataset->size(Split::test) > 0 && !m_progress && !pauses && !current;
}

/// Tells when the answer to wantsWeights() is another one.
void EncoderFollower::update()
{
    if (m_progress && !m_following.showing())
        giveUp();
    if (const bool wants = wantsWeights(); wants != m_asking) {
        m_asking = wants;
        emit wantsChanged();
    }
}

void EncoderFollower::look()
{
    update();
    const SnapshotPtr snapshot = m_run.snapshot();
    const auto *copy = snapshot ? snapshot->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights") : nullptr;
    if (!copy || !*copy || !wantsWeights())
        return;
    const int64_t step = (*copy)->state.step;
    if (step != m_step && step <= m_run.status().step) // not of before a rewind
        begin(*copy);
}

void EncoderFollower::beginAgain()
{
    giveUp();
    m_step = -1;
    m_pause.stop();
    update();
    look();
}

void EncoderFollower::hurry()
{
    if (m_hurriedPause != kNoHurry) // it does, and a knob that is dragged changes many times
        return;
    m_hurriedPause = kFastest;
    if (m_pause.isActive() && m_pause.remainingTime() > 1000 * kFastest)
        m_pause.start(int(1000 * kFastest));
}

/// An older step is looked at, whose result takes no place among those of now; or the run is shown as it is now again.
void EncoderFollower::showOther()
{
    giveUp();
    m_pause.stop();
    if (m_run.looksBack() != m_back) {
        m_back = m_run.looksBack();
        emit m_back ? leftNow() : cameBack();
    }
    m_step = -1;
    update();
}

void EncoderFollower::begin(std::shared_ptr<const EncoderCopy> copy)
{
    m_step = copy->state.step;
    m_progress = std::make_shared<Progressing>();
    struct Worked
    {
        Adopt adopt;
        double cost = 0;
    };
    const auto work = [work = m_following.prepare(copy, m_run.dataset()), precision = copy->state.config.precision, progress = m_progress] {
        const ThreadBudget alone(1);                        // only the trainer has a team
        const Autocast autocast(precisionNamed(precision)); // as the job computes
        const double begun = processorSeconds();
        Done done = work(*progress);
        return Worked{std::move(done.adopt), processorSeconds() - begun - done.uncounted};
    };
    inBackground(
        this, work,
        [this, progress = m_progress](const Worked &worked) {
            if (progress != m_progress)
                return;
            if (worked.adopt)
                worked.adopt();
            finish(worked.cost);
            if (worked.adopt)
                emit this->worked();
        },
        [this, progress = m_progress](const QString &line) {
            if (progress != m_progress)
                return;
            finish(0);
            emit failed(line);
        },
        m_following.pool ? m_following.pool : QThreadPool::globalInstance());
    update();
}

void EncoderFollower::finish(double cost)
{
    m_progress.reset();
    const double usual = workInterval(cost, chooseThreads(0).count, atWork());
    m_pause.start(int(1000 * std::min(usual, m_hurriedPause)));
    m_hurriedPause = m_hurriedPause < usual ? 2 * m_hurriedPause : kNoHurry;
    update();
}

void EncoderFollower::giveUp()
{
    if (!m_progress)
        return;
    m_progress->cancel();
    m_progress.reset();
    m_step = -1;
}

void EncoderFollower::clear()
{
    giveUp();
    m_pause.stop();
    m_hurriedPause = kNoHurry;
    m_step = -1;
    m_back = false;
    emit cleared();
    update();
}

QString EncoderFollower::progress() const
{
    return m_progress ? m_progress->what() : QString();
}

} // namespace pretext
