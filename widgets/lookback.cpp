#include "widgets/lookback.h"

#include "core/engine/replay.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "widgets/background.h"
#include "widgets/run.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace pretext {

namespace {

/// What shows the step: of the first the batch that is still to come, as of a run that waits there.
TrainerOptions optionsShowing(const std::filesystem::path &run, int64_t step, int64_t first)
{
    TrainerOptions options = step > first ? optionsBefore(run, step) : forkOf(run, first).options;
    options.startPaused = step <= first;
    return options;
}

} // namespace

LookBack::LookBack(Run &run) : QObject(&run), m_run(run)
{
    m_reaper.setMaxThreadCount(1);
    connect(&run, &Run::jobStarted, this, [this] {
        m_pace = 0;
        readKept();
    });
    connect(&run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind")
            leave();
        if (event.kind == "checkpoint" || event.kind == "rewind")
            readKept();
    });
}

LookBack::~LookBack()
{
    m_job.reset();
    m_reaper.waitForDone();
}

int64_t LookBack::first() const
{
    const auto &parent = m_run.config().parent;
    return parent ? parent->step : 0;
}

std::vector<int64_t> LookBack::atOnce() const
{
    std::vector<int64_t> steps;
    if (!m_kept.empty() && m_kept.front() == first())
        steps.push_back(first());
    for (const int64_t kept : m_kept)
        if (kept < m_run.status().step)
            steps.push_back(kept + 1);
    return steps;
}

void LookBack::readKept()
{
    if (std::exchange(m_keptOf, m_run.path()) != m_run.path())
        m_kept.clear();
    emit changed();
    if (m_run.path().empty())
        return;
    const auto read = [run = m_run.path()] {
        std::vector<int64_t> steps;
        for (const std::filesystem::path &checkpoint : checkpointsIn(run))
            steps.push_back(stepOf(checkpoint));
        return steps;
    };
    inBackground(
        this, read,
        [this, run = m_run.path()](std::vector<int64_t> steps) {
            if (run != m_run.path())
                return;
            m_kept = std::move(steps);
            emit changed();
        },
        [](const QString &) {}); // the trainer reports a folder that cannot be read
}

void LookBack::show(int64_t step)
{
    if (m_run.path().empty())
        return; // nothing is kept
    m_problem.clear();
    m_asked = std::clamp(step, first(), std::max(first(), m_run.status().step));
    proceed();
    emit changed();
}

void LookBack::giveUp()
{
    if (!m_snapshot)
        return leave();
    m_asked = m_snapshot->step;
    proceed();
    emit changed();
}

void LookBack::leave()
{
    const bool shows = m_snapshot != nullptr;
    if (!m_asked && !shows && !m_job)
        return;
    m_asked.reset();
    m_snapshot.reset();
    m_problem.clear();
    proceed();
    emit changed();
    if (shows)
        emit shown();
}

void LookBack::stop()
{
    leave();
    m_reaper.waitForDone();
}

/// Towards what is asked for, where nothing is under way that has to end first: that calls this again.
void LookBack::proceed()
{
    if (m_preparing || m_retiring)
        return;
    if (m_job && m_asked && (*m_asked == m_target || goOn()))
        return;
    if (m_job)
        retire();
    else if (m_asked && (isOnItsWay() || !isWhole()))
        prepare(*m_asked);
}

/// What is shown has all that panels want of it. Its job may be gone: it went on to a step that was given up.
bool LookBack::isWhole() const
{
    return !m_asksMore && std::ranges::none_of(m_wanted, [this](const std::string &channel) {
        return m_snapshot->offered.contains(channel) && !m_snapshot->channels.contains(channel);
    });
}

/// From where the job is, if no checkpoint is nearer. Up to the next change of a knob at once.
bool LookBack::goOn()
{
    const bool nearer = std::ranges::any_of(m_kept, [this](int64_t kept) { return kept > m_target && kept < *m_asked; });
    if (*m_asked < m_target || nearer)
        return false;
    if (!rests())
        return true; // it arrives first
    try {
        int64_t to = *m_asked;
        for (const ChangedKnob &change : stepsAgain(m_run.events(), m_job->options().config, m_at, *m_asked).changes) {
            if (change.step == m_at + 1)
                m_job->lanes().commands.post(SetKnob{change.name, change.value});
            else
                to = std::min(to, change.step - 1);
        }
        m_job->lanes().commands.post(StepOnce{to - m_at});
        m_target = to;
        m_from = m_at;
        m_seen.invalidate();
        return true;
    } catch (const std::exception &) {
        return false; // the planned end moved on the way; another checkpoint may lie behind it
    }
}

void LookBack::prepare(int64_t step)
{
    m_preparing = true;
    const std::filesystem::path run = m_run.path();
    const auto done = [this, run, step](auto act) {
        m_preparing = false;
        run == m_run.path() && m_asked == step ? act() : proceed();
    };
    inBackground(
        this, [run, step, first = first()] { return optionsShowing(run, step, first); },
        [this, step, done](TrainerOptions options) { done([&] { launch(step, std::move(options)); }); },
        [this, done](const QString &line) { done([&] { refuse(line); }); });
}

void LookBack::launch(int64_t step, TrainerOptions options)
{
    options.dataset = m_run.dataset();
    options.dataMayDiffer = true; // they are those that the run trains on now
    options.config.threads = m_run.status().threads;
    options.lowPriority = true;
    options.loaderAhead = 0;
    options.checkpointSeconds = 0;
    auto lanes = std::make_unique<Lanes>();
    lanes->notify = [this] {
        if (!m_told.exchange(true))
            QMetaObject::invokeMethod(this, &LookBack::drain, Qt::QueuedConnection);
    };
    lanes->snapshotSeconds = std::numeric_limits<double>::infinity(); // only where it rests
    lanes->wanted.set(m_wanted);
    for (const auto &[channel, question] : m_questions)
        lanes->commands.post(Ask{channel, question});
    if (!options.startPaused)
        lanes->commands.post(StepOnce{1});
    m_target = step;
    m_at = -1;
    m_from = std::max(first(), stepOf(checkpointOf(options.start)));
    m_seen.invalidate();
    m_status = {};
    m_wantsMore = m_asksMore = false;
    m_job = std::make_unique<Job>(std::move(options), std::move(lanes));
}

void LookBack::refuse(const QString &line)
{
    leave();
    m_problem = line;
    emit changed();
}

void LookBack::retire()
{
    m_retiring = true;
    m_job->requestStop();
    std::shared_ptr<Job> retired(std::move(m_job));
    m_reaper.start([this, retired = std::move(retired)]() mutable {
        retired.reset(); // takes as long as the step under way
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_retiring = false;
                proceed();
            },
            Qt::QueuedConnection);
    });
}

void LookBack::drain()
{
    m_told = false; // before the lanes are emptied: what comes from now on is told again
    if (!m_job)
        return;
    Lanes &lanes = m_job->lanes();
    lanes.log.drain();
    const auto status = lanes.status.takeFresh();
    auto snapshot = lanes.snapshots.takeFresh();
    if (snapshot && *snapshot && (*snapshot)->step == m_target) {
        m_snapshot = std::move(*snapshot);
        emit shown();
    }
    if (status && m_job)
        take(*status);
}

void LookBack::take(const Status &status)
{
    m_status = status;
    if (status.state == TrainerState::failed)
        return refuse(QString::fromStdString(status.failure));
    measurePace();
    const bool rested = rests();
    if (status.step == m_target && (status.state == TrainerState::paused || status.state == TrainerState::ended))
        m_at = m_target;
    if (!rested && rests()) {
        if (std::exchange(m_wantsMore, false))
            m_job->lanes().commands.post(Publish{});
        proceed();
    }
    emit changed();
}

int64_t LookBack::reached() const
{
    return std::max(m_from, m_status.step);
}

/// From the first step that was told of: what comes before, as reading the checkpoint, is no step.
void LookBack::measurePace()
{
    constexpr int kLeastMs = 300;
    const int64_t at = reached();
    if (at > m_from && !m_seen.isValid()) {
        m_seen.start();
        m_seenAt = at;
    } else if (at > m_seenAt && m_seen.isValid() && m_seen.elapsed() >= kLeastMs) {
        m_pace = double(m_seen.elapsed()) / 1000 / double(at - m_seenAt);
    }
}

/// Seconds of a step taken again; 0: it is not known yet.
double LookBack::pace() const
{
    return m_pace > 0 ? m_pace : m_run.status().timings.total / 1000;
}

std::optional<double> LookBack::secondsTo(int64_t step) const
{
    if (pace() <= 0)
        return {};
    int64_t from = first();
    for (const int64_t kept : m_kept)
        if (kept < step)
            from = std::max(from, kept);
    if (rests() && m_at < step)
        from = std::max(from, m_at);
    return pace() * double(std::max<int64_t>(0, step - from));
}

std::optional<double> LookBack::secondsLeft() const
{
    if (!isOnItsWay() || pace() <= 0)
        return {};
    const bool goes = m_job && !rests() && *m_asked >= m_target;
    return goes ? pace() * double(*m_asked - reached()) : secondsTo(*m_asked);
}

double LookBack::share() const
{
    const bool goes = m_job && !rests() && m_asked && *m_asked > m_from;
    return goes ? std::clamp(double(reached() - m_from) / double(*m_asked - m_from), 0., 1.) : 0;
}

QString LookBack::progress() const
{
    if (!isOnItsWay())
        return {};
    if (m_job && !m_status.activity.empty())
        return tr("%1, %2 %").arg(QString::fromStdString(m_status.activity)).arg(qRound(100 * m_status.activityShare));
    if (m_job && m_status.state == TrainerState::playing && m_status.step > first())
        return tr("taking steps again, at %1").arg(m_status.step);
    return tr("it is on its way");
}

void LookBack::want(const std::set<std::string> &channels)
{
    m_wanted = channels;
    if (!m_job)
        return proceed();
    m_job->lanes().wanted.set(channels);
    rests() ? m_job->lanes().commands.post(Publish{}) : void(m_wantsMore = true);
}

void LookBack::ask(const std::string &channel, const std::optional<Question> &question)
{
    if (question)
        m_questions[channel] = *question;
    else
        m_questions.erase(channel);
    if (m_job)
        return m_job->lanes().commands.post(Ask{channel, question});
    m_asksMore = m_snapshot != nullptr;
    proceed();
}

} // namespace pretext
