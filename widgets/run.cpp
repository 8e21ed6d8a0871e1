#include "widgets/run.h"

#include "core/engine/rowfile.h"
#include "widgets/background.h"
#include "widgets/earliersteps.h"
#include "widgets/lookback.h"
#include "widgets/sidebyside.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

constexpr int kReadableMs = 2500; // for which a row of text stays while training runs
constexpr int kDrainMs = 100; // ten times a second, whatever the trainer's pace: no one reads numbers that change faster, and each change is paid with steps

std::set<std::string> allOf(const std::map<const QObject *, std::set<std::string>> &wanted)
{
    std::set<std::string> all;
    for (const auto &[panel, channels] : wanted)
        all.insert(channels.begin(), channels.end());
    return all;
}

} // namespace

Run::Run(QObject *parent) : QObject(parent), m_lookBack(new LookBack(*this)), m_drainTimer(new QTimer(this))
{
    connect(m_lookBack, &LookBack::shown, this, &Run::showOlder);
    m_reaper.setMaxThreadCount(1);
    m_drainTimer->setSingleShot(true);
    m_drainTimer->setTimerType(Qt::PreciseTimer);
    connect(m_drainTimer, &QTimer::timeout, this, &Run::drain);
    m_sinceDrain.start();
}

Run::~Run()
{
    stop();
}

void Run::start(TrainerOptions options)
{
    m_next = std::move(options);
    if (m_job)
        retire();
    else if (!m_retiring)
        launch();
}

void Run::stop()
{
    m_next.reset();
    m_lookBack->stop();
    const bool had = hasJob();
    m_job.reset();
    m_reaper.waitForDone();
    if (had)
        giveCheckpoint({});
    emit jobStopped();
}

void Run::cancel()
{
    m_next.reset();
    if (m_job)
        retire();
}

void Run::retire()
{
    m_lookBack->leave();
    // Joining takes as long as the step under way, so it happens elsewhere.
    m_retiring = true;
    m_job->requestStop();
    std::shared_ptr<Job> retired(std::move(m_job));
    m_reaper.start([this, retired = std::move(retired)]() mutable {
        retired.reset();
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_retiring = false;
                if (m_next)
                    launch();
            },
            Qt::QueuedConnection);
    });
    emit jobStopped();
}

void Run::launch()
{
    TrainerOptions options = std::move(*m_next);
    m_next.reset();
    m_config = options.config;
    for (const ChangedKnob &change : againOf(options.start).changes) // on the way from the checkpoint to where it goes on
        m_config.knobs.set(change.name, change.value);
    m_dataset = options.dataset;
    m_status = {};
    m_pausing = false;
    m_snapshot.reset();
    m_toBeRead = true;
    m_sinceRead.invalidate();
    m_history.clear();
    m_events.clear();

    auto lanes = std::make_unique<Lanes>();
    lanes->notify = [this] {
        if (!m_told.exchange(true)) // once until it is drained: each time that the window's thread wakes, a thread of the team stands still
            QMetaObject::invokeMethod(this, &Run::scheduleDrain, Qt::QueuedConnection);
    };
    options.profiling = Profiling::sums; // for the status bar
    lanes->wanted.set(allOf(m_wanted));  // before its first step, which may be its last
    m_job = std::make_unique<Job>(std::move(options), std::move(lanes));
    for (const auto &[channel, question] : m_questions)
        post(Ask{channel, question});
    if (m_turns.turns)
        post(m_turns);
    readEarlierSteps();
    emit jobStarted();
    emit historyReset();
    emit statusChanged();
    emit snapshotReady(); // none yet: nothing of the job before stays on the screen
}

void Run::readEarlierSteps()
{
    const bool has = isResumed(m_job->options().start) && !checkpointOf(m_job->options().start).empty();
    if (!has || path().empty())
        return;
    const Start &start = m_job->options().start;
    const int64_t last = std::max(againOf(start).to, stepOf(checkpointOf(start))); // the rows of later steps are being moved away
    const auto prepend = [this, run = path(), last](EarlierSteps earlier) {
        if (run != path())
            return;
        putBefore(std::move(earlier), last, m_history, m_events);
        emit historyReset();
    };
    inBackground(
        this, [run = path()] { return pretext::readEarlierSteps(run); }, prepend, [](const QString &) {}); // the trainer reports an unreadable run itself
}

std::filesystem::path Run::path() const
{
    return m_job ? m_job->options().out : std::filesystem::path();
}

void Run::post(Command command)
{
    if (!m_job)
        return;
    const bool pauses = std::holds_alternative<Pause>(command), goesOn = std::holds_alternative<Play>(command) || std::holds_alternative<StepOnce>(command);
    m_job->lanes().commands.post(std::move(command));
    if (pauses || goesOn)
        setPausing(pauses && m_status.state == TrainerState::playing);
}

void Run::setPausing(bool pausing)
{
    if (std::exchange(m_pausing, pausing) != pausing) // queued: two runs side by side are told one right after the other
        QMetaObject::invokeMethod(this, &Run::statusChanged, Qt::QueuedConnection);
}

bool Run::standsStill() const
{
    const bool comes = m_next || m_retiring;
    return m_job ? m_status.state == TrainerState::ended || m_status.state == TrainerState::failed : !comes;
}

void Run::postStep(Command command)
{
    if (standsStill())
        emit stepRefused();
    else
        post(std::move(command));
}

void Run::joinOthers(SideBySide *together, std::shared_ptr<Turns> turns, int place)
{
    m_together = together;
    m_turns = {std::move(turns), place};
    post(m_turns);
}

void Run::play()
{
    m_together ? m_together->play() : postStep(Play{});
}
void Run::pause()
{
    m_together ? m_together->pause() : post(Pause{});
}
void Run::stepOnce()
{
    m_together ? m_together->stepOnce() : postStep(StepOnce{});
}

void Run::rewind()
{
    if (m_together)
        m_together->rewind();
    else if (standsStill() && !(m_job && m_status.state == TrainerState::ended))
        emit stepRefused();
    else
        post(Rewind{});
}

void Run::saveCheckpoint()
{
    post(SaveCheckpoint{});
}

void Run::withCheckpoint(QObject *receiver, std::function<void(const std::filesystem::path &)> done)
{
    if (!m_job || path().empty() || m_status.state == TrainerState::failed)
        return done(m_job ? m_status.lastCheckpoint : std::string());
    m_awaiting.push_back({receiver, std::move(done)});
    saveCheckpoint();
}

void Run::giveCheckpoint(const std::filesystem::path &path)
{
    for (const AwaitsCheckpoint &waiting : std::exchange(m_awaiting, {}))
        if (waiting.receiver)
            waiting.done(path);
}

void Run::extend(qint64 steps, ScheduleChange change)
{
    m_together ? m_together->extend(steps, change) : post(Extend{steps, change});
}

void Run::ask(const std::string &channel, const std::optional<Question> &question)
{
    if (question)
        m_questions[channel] = *question;
    else
        m_questions.erase(channel);
    post(Ask{channel, question});
    m_lookBack->ask(channel, question);
}

void Run::togglePlay()
{
    const bool playing = m_together ? m_together->plays() && !m_together->isPausing()
                                    : !standsStill() && !m_pausing && (m_status.state == TrainerState::playing || m_status.state == TrainerState::starting);
    playing ? pause() : play();
}

void Run::want(const QObject *panel, const std::set<std::string> &channels)
{
    if (channels.empty())
        m_wanted.erase(panel);
    else
        m_wanted[panel] = channels;
    updateWanted();
}

void Run::updateWanted()
{
    m_lookBack->want(allOf(m_wanted));
    if (!m_job)
        return;
    m_job->lanes().wanted.set(allOf(m_wanted));
    if (m_status.state == TrainerState::paused || m_status.state == TrainerState::ended)
        post(Publish{}); // a panel opened while nothing moves wants to see the step it stands at
}

void Run::scheduleDrain()
{
    if (!m_drainTimer->isActive())
        m_drainTimer->start(std::max<int>(0, kDrainMs - static_cast<int>(m_sinceDrain.elapsed())));
}

void Run::drain()
{
    m_sinceDrain.restart();
    m_told = false; // before the lanes are emptied: what comes from now on is told again
    if (!m_job)
        return;
    Lanes &lanes = m_job->lanes();
    const Log::Drained drained = lanes.log.drain();
    for (const Event &event : drained.events)
        take(event);
    if (!drained.rows.empty())
        take(drained.rows);
    if (const auto status = lanes.status.takeFresh())
        take(*status);
    if (auto snapshot = lanes.snapshots.takeFresh(); snapshot && *snapshot) {
        lanes.snapshotSeconds = m_pace.next();
        show(std::move(*snapshot));
    }
    askForMissing();
}

/// A job that came to rest just before it was told what panels want has published its last step without that.
void Run::askForMissing()
{
    const bool rests = m_status.state == TrainerState::paused || m_status.state == TrainerState::ended;
    if (!rests || m_askedAgain) {
        m_askedAgain = rests;
        return;
    }
    const auto lacks = [this](const std::string &channel) {
        return !m_snapshot || (m_snapshot->offered.contains(channel) && !m_snapshot->channels.contains(channel));
    };
    if (std::ranges::any_of(allOf(m_wanted), lacks)) {
        m_askedAgain = true;
        post(Publish{});
    }
}

void Run::show(SnapshotPtr snapshot)
{
    m_snapshot = std::move(snapshot);
    m_toBeRead = m_status.state != TrainerState::playing || !m_sinceRead.isValid() || m_sinceRead.elapsed() >= kReadableMs;
    if (m_toBeRead)
        m_sinceRead.start();
    if (!looksBack())
        emit snapshotReady();
}

void Run::showOlder()
{
    const int64_t step = looksBack() ? shownStep() : -1;
    m_toBeRead = true; // another step, and the first after it
    m_sinceRead.start();
    if (std::exchange(m_lookedAt, step) != step)
        emit shownStepChanged();
    emit snapshotReady();
}

SnapshotPtr Run::snapshot() const
{
    return looksBack() ? m_lookBack->snapshot() : m_snapshot;
}

bool Run::looksBack() const
{
    return m_lookBack->snapshot() != nullptr;
}

int64_t Run::shownStep() const
{
    return looksBack() ? m_lookBack->snapshot()->step : m_status.step;
}

void Run::take(const Status &status)
{
    const bool hadFailed = m_status.state == TrainerState::failed;
    // A status may be of the step before the newest row, but never before an earlier status: then the job was rewound. One that starts knows no step yet.
    const bool wentBack = status.state != TrainerState::starting && status.step < m_status.step;
    m_status = status;
    m_pausing &= status.state == TrainerState::playing;
    m_toBeRead |= status.state != TrainerState::playing;
    if (wentBack && m_history.cutAfter(m_status.step))
        emit historyReset();
    emit statusChanged();
    if (m_status.state == TrainerState::failed && !hadFailed) {
        giveCheckpoint({});
        emit failed(QString::fromStdString(m_status.failure));
    }
}

void Run::take(const std::vector<ScalarRow> &rows)
{
    bool rewound = false;
    for (const ScalarRow &row : rows) {
        rewound |= m_history.cutAfter(row.step - 1);
        m_history.append(row);
    }
    if (rewound)
        emit historyReset();
    else
        emit rowsAppended(static_cast<int>(rows.size()));
}

void Run::take(const Event &event)
{
    m_events.push_back(event);
    if (event.kind == "knob" && m_config.knobs.find(event.name)) {
        m_config.knobs.setText(event.name, event.after);
        emit knobAcknowledged(QString::fromStdString(event.name), event.step);
    }
    if (event.kind == "checkpoint")
        giveCheckpoint(path() / "checkpoints" / event.name);
    emit eventHappened(event);
}

} // namespace pretext
