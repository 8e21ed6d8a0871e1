#include "widgets/trainingcontroller.h"

#include "widgets/background.h"
#include "widgets/knobcommands.h"

#include <QTimer>
#include <QUndoStack>

#include <utility>

namespace pretext {

namespace {

constexpr int kUndoSteps = 100;
constexpr int kUndoData = 3;  // data sets that undoing may lead back to: each is held open, with its pictures in memory
constexpr int kDrainMs = 100; // ten times a second, whatever the trainer's pace: no one reads numbers that change faster, and each change is paid with steps

bool sameBeforeRestart(const RunConfig &a, const RunConfig &b)
{
    return a.method == b.method && a.encoder == b.encoder && a.batch == b.batch && a.seed == b.seed && a.dataset == b.dataset
           && a.datasetOptions.size == b.datasetOptions.size && a.datasetOptions.colour == b.datasetOptions.colour && a.device == b.device
           && a.threads == b.threads && a.precision == b.precision;
}

} // namespace

TrainingController::TrainingController(QObject *parent) : QObject(parent), m_drainTimer(new QTimer(this)), m_undo(new QUndoStack(this))
{
    m_undo->setUndoLimit(kUndoSteps);
    m_reaper.setMaxThreadCount(1);
    m_drainTimer->setSingleShot(true);
    m_drainTimer->setTimerType(Qt::PreciseTimer);
    connect(m_drainTimer, &QTimer::timeout, this, &TrainingController::drain);
    m_sinceDrain.start();
}

TrainingController::~TrainingController()
{
    stop();
}

void TrainingController::start(TrainerOptions options)
{
    m_next = std::move(options);
    if (m_job)
        retire();
    else if (!m_retiring)
        launch();
}

void TrainingController::stop()
{
    m_next.reset();
    const bool had = hasJob();
    m_job.reset();
    m_reaper.waitForDone();
    if (had)
        giveCheckpoint({});
    emit jobStopped();
}

void TrainingController::cancel()
{
    m_next.reset();
    if (m_job)
        retire();
}

void TrainingController::retire()
{
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

void TrainingController::launch()
{
    TrainerOptions options = std::move(*m_next);
    m_next.reset();
    if (!sameBeforeRestart(options.config, m_config) || !(options.config.knobs == m_config.knobs)) {
        m_undo->clear();
        m_undoData = 0;
    }
    m_config = m_running = options.config;
    m_dataset = m_asked = options.dataset;
    m_posted.clear();
    m_status = {};
    m_snapshot.reset();
    m_history.clear();
    m_events.clear();

    auto lanes = std::make_unique<Lanes>();
    lanes->notify = [this] {
        if (!m_told.exchange(true)) // once until it is drained: each time that the window's thread wakes, a thread of the team stands still
            QMetaObject::invokeMethod(this, &TrainingController::scheduleDrain, Qt::QueuedConnection);
    };
    options.profiling = Profiling::sums; // for the status bar
    m_job = std::make_unique<Job>(std::move(options), std::move(lanes));
    updateWanted();
    for (const auto &[channel, question] : m_questions)
        post(Ask{channel, question});
    readEarlierSteps();
    emit jobStarted();
    emit configRequested();
    emit historyReset();
    emit statusChanged();
    emit snapshotReady(); // none yet: nothing of the job before stays on the screen
}

void TrainingController::readEarlierSteps()
{
    if (checkpointOf(m_job->options().start).empty() || !isResumed(m_job->options().start) || runPath().empty())
        return;
    const auto read = [run = runPath()] { return std::pair(readMetrics(run / "metrics.csv"), readEvents(run / "events.jsonl")); };
    const auto prepend = [this, run = runPath()](std::pair<MetricsTable, std::vector<Event>> earlier) {
        if (run != runPath())
            return;
        ScalarHistory later = std::move(m_history);
        m_history.clear();
        const double end = later.empty() ? std::numeric_limits<double>::infinity() : later.steps.front();
        const auto &columns = earlier.first.columns;
        for (const auto &cells : earlier.first.rows) {
            if (cells.size() != columns.size() || cells.size() < 2 || cells[0] >= end)
                continue;
            ScalarRow row{static_cast<int64_t>(cells[0]), cells[1], {}};
            for (size_t i = 2; i < cells.size(); ++i)
                row.values.emplace_back(columns[i], cells[i]);
            m_history.append(row);
        }
        for (size_t i = 0; i < later.size(); ++i) {
            ScalarRow row{static_cast<int64_t>(later.steps[i]), later.seconds[i], {}};
            for (const auto &[name, column] : later.columns)
                row.values.emplace_back(name, column[i]);
            m_history.append(row);
        }
        std::erase_if(earlier.second, [&](const Event &event) { return !m_events.empty() && event.step > m_events.front().step; });
        m_events.insert(m_events.begin(), earlier.second.begin(), earlier.second.end());
        emit historyReset();
    };
    inBackground(this, read, prepend, [](const QString &) {}); // the trainer reports an unreadable run itself
}

std::filesystem::path TrainingController::runPath() const
{
    return m_job ? m_job->options().out : std::filesystem::path();
}

void TrainingController::setKnob(const std::string &name, const KnobValue &value)
{
    m_config.knobs.check(name, value);
    const KnobValue before = m_config.knobs.value(name);
    if (value != before)
        m_undo->push(new KnobChange(this, name, before, value));
}

void TrainingController::requestKnob(const std::string &name, const KnobValue &value)
{
    const Knob *knob = m_config.knobs.find(name);
    if (!knob)
        return; // an undo step from before the encoder changed
    m_config.knobs.set(name, value);
    if (knob->effect != KnobEffect::restart && m_config.method == m_running.method) {
        m_posted[name] = value;
        post(SetKnob{name, value});
    }
    emit knobRequested(QString::fromStdString(name));
}

void TrainingController::setConfig(const RunConfig &config, const QString &text, std::shared_ptr<const Dataset> dataset)
{
    if (dataset && dataset != m_asked && ++m_undoData > kUndoData) {
        m_undo->clear();
        m_undoData = 1;
    }
    m_undo->push(new ConfigChange(this, {m_config, m_asked}, {config, dataset ? std::move(dataset) : m_asked}, text));
}

void TrainingController::requestConfig(const RunConfig &config, std::shared_ptr<const Dataset> dataset)
{
    m_config = config;
    m_asked = std::move(dataset);
    emit configRequested();
}

bool TrainingController::isPending(const std::string &name) const
{
    return m_job && (!m_running.knobs.find(name) || m_running.knobs.value(name) != m_config.knobs.value(name));
}

bool TrainingController::needsRestart() const
{
    if (!m_job)
        return false;
    if (!sameBeforeRestart(m_config, m_running))
        return true;
    for (const Knob &knob : m_config.knobs.declarations())
        if (knob.effect == KnobEffect::restart && isPending(knob.name))
            return true;
    return false;
}

void TrainingController::discardPending()
{
    RunConfig config = m_running;
    for (const auto &[name, value] : m_posted)
        config.knobs.set(name, value);
    setConfig(config, tr("keep the running values"), m_dataset);
}

void TrainingController::applyAndRestart()
{
    if (!m_job && !mayStart())
        return;
    TrainerOptions options = m_job ? m_job->options() : TrainerOptions();
    options.config = m_config;
    options.dataset = m_asked;
    options.start = startOf(m_config);
    options.startPaused = m_job && m_status.state == TrainerState::paused;
    options.out = m_makeRunPath ? m_makeRunPath(m_config) : std::filesystem::path();
    start(std::move(options));
}

void TrainingController::post(Command command)
{
    if (m_job)
        m_job->lanes().commands.post(std::move(command));
}

bool TrainingController::standsStill() const
{
    const bool comes = m_next || m_retiring;
    return m_job ? m_status.state == TrainerState::ended || m_status.state == TrainerState::failed : !comes;
}

void TrainingController::postStep(Command command)
{
    if (standsStill())
        emit stepRefused();
    else
        post(std::move(command));
}

void TrainingController::play()
{
    postStep(Play{});
}
void TrainingController::pause()
{
    post(Pause{});
}
void TrainingController::stepOnce()
{
    postStep(StepOnce{});
}

void TrainingController::rewind()
{
    if (standsStill() && !(m_job && m_status.state == TrainerState::ended))
        emit stepRefused();
    else
        post(Rewind{});
}

void TrainingController::saveCheckpoint()
{
    post(SaveCheckpoint{});
}

void TrainingController::withCheckpoint(QObject *receiver, std::function<void(const std::filesystem::path &)> done)
{
    if (!m_job || runPath().empty() || m_status.state == TrainerState::failed)
        return done(m_job ? m_status.lastCheckpoint : std::string());
    m_awaiting.push_back({receiver, std::move(done)});
    saveCheckpoint();
}

void TrainingController::giveCheckpoint(const std::filesystem::path &path)
{
    for (const AwaitsCheckpoint &waiting : std::exchange(m_awaiting, {}))
        if (waiting.receiver)
            waiting.done(path);
}

void TrainingController::extend(qint64 steps, ScheduleChange change)
{
    post(Extend{steps, change});
}

void TrainingController::ask(const std::string &channel, const std::optional<Question> &question)
{
    if (question)
        m_questions[channel] = *question;
    else
        m_questions.erase(channel);
    post(Ask{channel, question});
}

void TrainingController::togglePlay()
{
    const bool playing = m_status.state == TrainerState::playing || m_status.state == TrainerState::starting;
    playing ? pause() : play();
}

void TrainingController::want(const QObject *panel, const std::set<std::string> &channels)
{
    if (channels.empty())
        m_wanted.erase(panel);
    else
        m_wanted[panel] = channels;
    updateWanted();
}

void TrainingController::updateWanted()
{
    if (!m_job)
        return;
    std::set<std::string> all;
    for (const auto &[panel, channels] : m_wanted)
        all.insert(channels.begin(), channels.end());
    m_job->lanes().wanted.set(std::move(all));
    if (m_status.state == TrainerState::paused || m_status.state == TrainerState::ended)
        post(Publish{}); // a panel opened while nothing moves wants to see the step it stands at
}

void TrainingController::scheduleDrain()
{
    if (!m_drainTimer->isActive())
        m_drainTimer->start(std::max<int>(0, kDrainMs - static_cast<int>(m_sinceDrain.elapsed())));
}

void TrainingController::drain()
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
    const bool hadFailed = m_status.state == TrainerState::failed;
    if (const auto status = lanes.status.takeFresh()) {
        m_status = *status;
        // Rows are taken before the status, so a status behind them means that the job was rewound; one that starts knows no step yet.
        if (m_status.state != TrainerState::starting && !m_history.empty() && static_cast<double>(m_status.step) < m_history.steps.back()) {
            m_history.clear();
            emit historyReset();
        }
        emit statusChanged();
    }
    if (m_status.state == TrainerState::failed && !hadFailed) {
        giveCheckpoint({});
        emit failed(QString::fromStdString(m_status.failure));
    }
    if (auto snapshot = lanes.snapshots.takeFresh(); snapshot && *snapshot) {
        m_snapshot = std::move(*snapshot);
        lanes.snapshotSeconds = m_pace.next();
        emit snapshotReady();
    }
}

void TrainingController::take(const std::vector<ScalarRow> &rows)
{
    bool rewound = false;
    for (const ScalarRow &row : rows) {
        if (!m_history.empty() && row.step <= m_history.steps.back()) {
            m_history.clear();
            rewound = true;
        }
        m_history.append(row);
    }
    if (rewound)
        emit historyReset();
    else
        emit rowsAppended(static_cast<int>(rows.size()));
}

void TrainingController::take(const Event &event)
{
    m_events.push_back(event);
    if (event.kind == "knob" && m_running.knobs.find(event.name)) {
        m_running.knobs.setText(event.name, event.after);
        if (auto posted = m_posted.find(event.name); posted != m_posted.end() && toText(posted->second) == event.after)
            m_posted.erase(posted);
        emit knobAcknowledged(QString::fromStdString(event.name), event.step);
    }
    if (event.kind == "checkpoint")
        giveCheckpoint(runPath() / "checkpoints" / event.name);
    emit eventHappened(event);
}

} // namespace pretext
