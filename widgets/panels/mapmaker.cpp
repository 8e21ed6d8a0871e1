#include "widgets/panels/mapmaker.h"

#include "core/analysis/features.h"
#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/backend/backend.h"
#include "core/files/said.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/progressing.h"
#include "widgets/snapshotpace.h"
#include "widgets/run.h"

#include <algorithm>
#include <thread>

namespace pretext {

namespace {

constexpr double kFastestMap = 1, kSlowestMap = 60; // seconds
constexpr double kMapShare = 0.004;                 // of the machine; the trainer's team waits for the interrupted one, so steps lose about twice that

} // namespace

double mapInterval(double cost, int threads)
{
    return std::clamp(cost / (kMapShare * std::max(threads, 1)), kFastestMap, kSlowestMap);
}

MapMaker::MapMaker(Run &run, std::function<bool()> showing, QObject *parent) : QObject(parent), m_run(run), m_showing(std::move(showing))
{
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &MapMaker::update);
    connect(&m_run, &Run::jobStarted, this, &MapMaker::clear);
    connect(&m_run, &Run::jobStopped, this, &MapMaker::giveUp);
    connect(&m_run, &Run::statusChanged, this, &MapMaker::update);
    connect(&m_run, &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind")
            clear();
    });
}

MapMaker::~MapMaker()
{
    giveUp();
}

void MapMaker::setSamples(int64_t samples)
{
    m_most = samples > 0 ? std::min(samples, kMostSamples) : kMostSamples;
    giveUp();
    m_pause.stop();
    update();
    look();
}

int64_t MapMaker::samples() const
{
    const auto dataset = m_run.dataset();
    return dataset ? std::min(m_most, dataset->size(Split::test)) : 0;
}

bool MapMaker::playing() const
{
    const TrainerState state = m_run.status().state;
    return state == TrainerState::starting || state == TrainerState::playing;
}

bool MapMaker::wantsWeights() const
{
    const bool current = !playing() && m_step == m_run.status().step && m_samples == samples();
    const bool pauses = playing() && m_pause.isActive();
    return m_showing() && m_run.hasJob() && samples() > 0 && !m_progress && !pauses && !current;
}

/// Tells when the answer to wantsWeights() is another one.
void MapMaker::update()
{
    if (m_progress && !m_showing())
        giveUp();
    if (const bool wants = wantsWeights(); wants != m_asking) {
        m_asking = wants;
        emit wantsChanged();
    }
}

void MapMaker::look()
{
    update();
    const SnapshotPtr snapshot = m_run.snapshot();
    const auto *copy = snapshot ? snapshot->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights") : nullptr;
    if (!copy || !*copy || !wantsWeights())
        return;
    const int64_t step = (*copy)->state.step;
    const bool known = step == m_step && samples() == m_samples, rewound = step > m_run.status().step;
    if (!known && !rewound)
        begin(*copy);
}

MapMaker::Made MapMaker::make(const EncoderCopy &copy, const Dataset &dataset, int64_t samples, const KeptMap &before, Progressing &progress)
{
    const ThreadBudget alone(1);                                          // only the trainer has a team
    const Autocast autocast(precisionNamed(copy.state.config.precision)); // as the job computes
    const double begun = processorSeconds();
    const std::string what = pretext::said("%1 held-out samples through the encoder of step %2", {std::to_string(samples), std::to_string(copy.state.step)});
    const TrainedEncoder encoder = encoderOf(copy);
    const auto embeddings = std::make_shared<const Matrix>(
        embedSamples(encoder, *spreadSubset(dataset, 0, samples), Split::test, 0, [&](double share) { return progress.report(what, share); }));
    if (progress.cancelled())
        return {};
    auto map = std::make_shared<EmbeddingMap>(embeddingMap(*embeddings, dataset.size(Split::test), copy.state.step));
    if (before.map)
        turnOnto(*map, *before.map);
    const bool sameSamples = before.map && before.map->samples() == samples;
    return {{map, sameSamples ? before.labels : mapLabels(dataset, samples)}, embeddings, processorSeconds() - begun};
}

/// Not in the pool of the panels' preparations, which a map of many samples would hold up for seconds.
void MapMaker::begin(std::shared_ptr<const EncoderCopy> copy)
{
    m_step = copy->state.step;
    m_samples = samples();
    m_progress = std::make_shared<Progressing>();
    const auto work = [copy, data = m_run.dataset(), samples = m_samples, before = m_newest, progress = m_progress] {
        return make(*copy, *data, samples, before, *progress);
    };
    inBackground(
        this, work,
        [this, progress = m_progress](Made made) {
            if (progress == m_progress)
                finish(std::move(made));
        },
        [this, progress = m_progress](const QString &line) {
            if (progress != m_progress)
                return;
            finish({});
            emit failed(line);
        });
    update();
}

void MapMaker::finish(Made made)
{
    m_progress.reset();
    m_pause.start(int(1000 * mapInterval(made.cost, chooseThreads(0).count)));
    if (made.kept.map) {
        m_newest = std::move(made.kept);
        m_embeddings = std::move(made.embeddings);
        emit this->made(m_newest);
    }
    update();
}

void MapMaker::giveUp()
{
    if (!m_progress)
        return;
    m_progress->cancel();
    m_progress.reset();
    m_step = m_samples = -1;
}

void MapMaker::clear()
{
    giveUp();
    m_pause.stop();
    m_newest = {};
    m_embeddings.reset();
    m_step = m_samples = -1;
    emit cleared();
    update();
}

QString MapMaker::progress() const
{
    return m_progress ? m_progress->what() : QString();
}

} // namespace pretext
