#include "widgets/request.h"

#include "widgets/knobcommands.h"
#include "widgets/run.h"

#include <QUndoStack>

#include <utility>

namespace pretext {

namespace {

constexpr int kUndoSteps = 100;
constexpr int kUndoData = 3; // data sets that undoing may lead back to: each is held open, with its pictures in memory

bool sameBeforeRestart(const RunConfig &a, const RunConfig &b)
{
    return a.method == b.method && a.encoder == b.encoder && a.batch == b.batch && a.seed == b.seed && a.dataset == b.dataset
           && a.datasetOptions == b.datasetOptions && a.device == b.device && a.threads == b.threads && a.precision == b.precision;
}

} // namespace

Request::Request(Run *run, RunPathMaker makeRunPath, QObject *parent)
    : QObject(parent)
    , m_run(run)
    , m_makeRunPath(std::move(makeRunPath))
    , m_own(new QUndoStack(this))
    , m_undo(m_own)
{
    m_undo->setUndoLimit(kUndoSteps);
    connect(run, &Run::jobStarted, this, &Request::takeRunning);
    connect(run, &Run::knobAcknowledged, this, [this](const QString &name) {
        const auto posted = m_posted.find(name.toStdString());
        if (posted != m_posted.end() && toText(posted->second) == toText(m_run->config().knobs.value(posted->first)))
            m_posted.erase(posted);
    });
}

/// A job has started: it is what is asked for.
void Request::takeRunning()
{
    const RunConfig &running = m_run->config();
    if (!sameBeforeRestart(running, m_config) || !(running.knobs == m_config.knobs))
        forgetHistory();
    m_watching = false;
    m_config = running;
    m_dataset = m_run->dataset();
    m_posted.clear();
    emit configRequested();
}

void Request::watch(const RunConfig &config)
{
    if (!m_run->isIdle())
        return;
    m_watching = true;
    forgetHistory();
    m_posted.clear();
    requestConfig(config, {});
}

void Request::setKnob(const std::string &name, const KnobValue &value)
{
    if (m_watching)
        return;
    m_config.knobs.check(name, value);
    if (isShared(name))
        m_other->m_config.knobs.check(name, value);
    const KnobValue before = m_config.knobs.value(name);
    if (value != before)
        m_undo->push(new KnobChange(this, name, before, value));
}

void Request::linkTo(Request *other, std::function<bool(const std::string &)> linked)
{
    m_other = other;
    m_linked = std::move(linked);
}

void Request::shareHistory(QUndoStack *history)
{
    m_undo = history ? history : m_own;
}

/// Its own; what it shares is another's, too.
void Request::forgetHistory()
{
    m_own->clear();
    m_undoData = 0;
}

void Request::requestKnob(const std::string &name, const KnobValue &value)
{
    askFor(name, value);
    if (isShared(name))
        m_other->askFor(name, value);
}

void Request::askFor(const std::string &name, const KnobValue &value)
{
    const Knob *knob = m_config.knobs.find(name);
    if (!knob)
        return; // an undo step from before the encoder changed
    m_config.knobs.set(name, value);
    if (knob->effect != KnobEffect::restart && m_config.method == m_run->config().method) {
        m_posted[name] = value;
        m_run->post(SetKnob{name, value});
    }
    emit knobRequested(QString::fromStdString(name));
}

void Request::setConfig(const RunConfig &config, const QString &text, std::shared_ptr<const Dataset> dataset)
{
    if (dataset && dataset != m_dataset && ++m_undoData > kUndoData) {
        m_undo->clear();
        m_undoData = 1;
    }
    m_undo->push(new ConfigChange(this, {m_config, m_dataset}, {config, dataset ? std::move(dataset) : m_dataset}, text));
}

void Request::requestConfig(const RunConfig &config, std::shared_ptr<const Dataset> dataset)
{
    m_config = config;
    m_dataset = std::move(dataset);
    emit configRequested();
}

bool Request::isPending(const std::string &name) const
{
    const KnobSet &running = m_run->config().knobs;
    return m_run->hasJob() && (!running.find(name) || running.value(name) != m_config.knobs.value(name));
}

bool Request::needsRestart() const
{
    if (!m_run->hasJob())
        return false;
    if (!sameBeforeRestart(m_config, m_run->config()))
        return true;
    for (const Knob &knob : m_config.knobs.declarations())
        if (knob.effect == KnobEffect::restart && isPending(knob.name))
            return true;
    return false;
}

bool Request::mayStart() const
{
    return m_run->isIdle() && m_dataset;
}

void Request::discardPending()
{
    RunConfig config = m_run->config();
    for (const auto &[name, value] : m_posted)
        config.knobs.set(name, value);
    setConfig(config, tr("keep the running values"), m_run->dataset());
}

void Request::applyAndRestart()
{
    if (!m_run->hasJob() && !mayStart())
        return;
    TrainerOptions options = m_run->options();
    options.config = m_config;
    options.dataset = m_dataset;
    options.start = startOf(m_config);
    options.startPaused = m_run->hasJob() && m_run->status().state == TrainerState::paused;
    options.out = m_makeRunPath ? m_makeRunPath(m_config) : std::filesystem::path();
    m_run->start(std::move(options));
}

} // namespace pretext
