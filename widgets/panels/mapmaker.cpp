#include "widgets/panels/mapmaker.h"

#include "core/analysis/features.h"
#include "core/analysis/maplayout.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/files/said.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/snapshotpace.h"

#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

namespace pretext {

namespace {

constexpr double kFastestMap = 2, kSlowestMap = 60; // seconds
constexpr double kMapShare = 0.004;                 // of the machine; the trainer's team waits for the interrupted one, so steps lose about twice that
constexpr double kLayoutShare = 0.008, kFirstLayoutShare = 0.2; // the same of what a layout takes; the first one, without which there is nothing to see
constexpr double kPortion = 0.25, kShownEvery = 0.1;            // seconds: a portion of a layout and its rest; while nothing trains, from picture to picture

double layoutSeconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Layouts rest for most of their time, which would keep others waiting in a pool of theirs.
QThreadPool *layoutPool()
{
    static QThreadPool *pool = [] {
        auto *made = new QThreadPool(qApp);
        made->setMaxThreadCount(4); // a window shows a run or two, and what was given up ends soon
        return made;
    }();
    return pool;
}

double cosineOf(const Matrix &a, const Matrix &b, int64_t row)
{
    double product = 0, first = 0, second = 0;
    for (int64_t d = 0; d < a.columns; ++d) {
        product += double(a.at(row, d)) * b.at(row, d);
        first += double(a.at(row, d)) * a.at(row, d);
        second += double(b.at(row, d)) * b.at(row, d);
    }
    return product / std::max(std::sqrt(first * second), 1e-12);
}

} // namespace

/// What the thread that makes a map and the window tell each other.
class MapWork : public Progressing
{
public:
    MapWork(QObject *receiver, std::function<void(KeptMap)> shown, bool playing) : m_receiver(receiver), m_shown(std::move(shown)), m_playing(playing) {}
    void setPlaying(bool playing)
    {
        const std::lock_guard lock(m_paceMutex);
        m_playing = playing;
    }
    bool playing() const
    {
        const std::lock_guard lock(m_paceMutex);
        return m_playing;
    }
    void show(KeptMap map) const
    {
        tellWindow(m_receiver, [shown = m_shown, map = std::move(map)] { shown(map); });
    }
    /// So many seconds, or until it is given up or training stops.
    void rest(double seconds) const
    {
        for (const double end = layoutSeconds() + seconds; layoutSeconds() < end && !cancelled() && playing();)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }

private:
    QPointer<QObject> m_receiver;
    std::function<void(KeptMap)> m_shown;
    mutable std::mutex m_paceMutex;
    bool m_playing;
};

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
    again();
}

void MapMaker::setKind(MapKind kind)
{
    if (kind == m_kind)
        return;
    giveUp();
    m_kind = kind;
    const auto before = m_before.find(kind);
    m_newest = before == m_before.end() ? KeptMap() : before->second;
    m_step = m_samples = -1;
    again();
}

void MapMaker::setApart(bool wanted)
{
    m_apart = wanted;
    if (!wanted || m_newest.apart)
        return;
    m_step = m_samples = -1;
    again();
}

void MapMaker::startAnew()
{
    giveUp();
    m_before.erase(m_kind);
    m_newest = {};
    m_step = m_samples = -1;
    again();
}

/// Another wish: at once.
void MapMaker::again()
{
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
    if (m_progress)
        m_progress->setPlaying(playing());
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

std::shared_ptr<const Matrix> MapMaker::embeddingsOf(const Wish &wish, MapWork &work)
{
    if (wish.embeddings)
        return wish.embeddings;
    const std::string what =
        pretext::said("%1 held-out samples through the encoder of step %2", {std::to_string(wish.samples), std::to_string(wish.copy->state.step)});
    const TrainedEncoder encoder = encoderOf(*wish.copy);
    return std::make_shared<const Matrix>(
        embedSamples(encoder, *spreadSubset(*wish.dataset, 0, wish.samples), Split::test, 0, [&](double share) { return work.report(what, share); }));
}

namespace {

/// A few held-out samples in a row.
class MapSlice : public Dataset
{
public:
    MapSlice(const Dataset &of, int64_t first, int64_t count) : m_of(of), m_first(first), m_count(count) {}
    const DatasetInfo &info() const override { return m_of.info(); }
    int64_t size(Split split) const override { return split == Split::test ? m_count : 0; }
    Image image(Split split, int64_t index) const override { return m_of.image(split, m_first + index); }
    std::string text(Split split, int64_t index) const override { return m_of.text(split, m_first + index); }
    Image next(Split split, int64_t index) const override { return m_of.next(split, m_first + index); }
    float label(Split split, int64_t index, int column) const override { return m_of.label(split, m_first + index, column); }

private:
    const Dataset &m_of;
    int64_t m_first, m_count;
};

/// 1 - cosine of the embeddings of each sample's two views, which a method that compares views pulls together. Null where it is not known.
std::shared_ptr<const std::vector<float>> viewsApart(const EncoderCopy &copy, const Dataset &dataset, int64_t samples, MapWork &work)
{
    constexpr int64_t kAtOnce = 256; // views of large pictures take much room
    const ModalityAnalysis *analysis = modalityType(dataset.info().modality).analysis;
    if (!analysis || !analysis->twoViews)
        return nullptr;
    const std::string what = pretext::said("two views of %1 samples", {std::to_string(samples)});
    TrainedEncoder encoder = encoderOf(copy);
    const auto all = spreadSubset(dataset, 0, samples);
    std::vector<float> apart;
    while (int64_t(apart.size()) < samples && work.report(what, double(apart.size()) / double(samples))) {
        const int64_t first = int64_t(apart.size()), count = std::min(kAtOnce, samples - first);
        const auto [one, other] = analysis->twoViews(encoder, MapSlice(*all, first, count), count);
        for (int64_t row = 0; row < count; ++row)
            apart.push_back(float(1 - cosineOf(one, other, row)));
    }
    return std::make_shared<const std::vector<float>>(std::move(apart));
}

} // namespace

/// In portions, each shown. Null where it was given up.
std::shared_ptr<EmbeddingMap> MapMaker::layOut(const Wish &wish, const Matrix &embeddings, std::shared_ptr<EmbeddingMap> map, KeptMap kept, MapWork &work)
{
    const std::string near = pretext::said("who is near whom of %1 samples", {std::to_string(wish.samples)});
    const auto layout = beginLayout(embeddings, *map, wish.before.map.get(), [&](double share) { return work.report(near, share); });
    if (!layout)
        return nullptr;
    const int threads = chooseThreads(0).count;
    const double share = wish.before.map ? kLayoutShare : kFirstLayoutShare;
    double shown = 0;
    int portion = 1;
    while (layout->iteration() < layout->planned() && !work.cancelled()) {
        const bool playing = work.playing();
        const double wished = playing ? share * threads * kPortion : kShownEvery, begun = layoutSeconds();
        {
            const ThreadBudget team(playing ? 1 : 0);
            layout->run(std::min(portion, layout->planned() - layout->iteration()));
        }
        const double took = std::max(1e-6, layoutSeconds() - begun);
        portion = std::clamp(int(portion * std::clamp(wished / took, 0.3, 3.)), 1, 100);
        if (layoutSeconds() - shown >= 0.9 * kShownEvery) {
            kept.map = [&] {
                EmbeddingMap now = *map;
                now.points = layout->points();
                return std::make_shared<const EmbeddingMap>(std::move(now));
            }();
            kept.iteration = layout->iteration();
            kept.planned = layout->planned();
            work.show(kept);
            shown = layoutSeconds();
        }
        if (playing)
            work.rest(took / (share * threads) - took);
    }
    map->points = layout->points();
    return work.cancelled() ? nullptr : map;
}

MapMaker::Made MapMaker::make(const Wish &wish, MapWork &work)
{
    const ThreadBudget alone(1);                                                // only the trainer has a team
    const Autocast autocast(precisionNamed(wish.copy->state.config.precision)); // as the job computes
    const double begun = processorSeconds();
    const auto embeddings = embeddingsOf(wish, work);
    if (work.cancelled())
        return {};
    KeptMap kept;
    if (wish.apart)
        kept.apart = viewsApart(*wish.copy, *wish.dataset, wish.samples, work);
    auto map = std::make_shared<EmbeddingMap>(embeddingMap(*embeddings, wish.dataset->size(Split::test), wish.copy->state.step, wish.kind.dimensions));
    map->kind = wish.kind;
    const double cost = processorSeconds() - begun;
    if (wish.kind.method != MapMethod::pca && !map->collapsed())
        map = layOut(wish, *embeddings, map, kept, work);
    else if (wish.before.map)
        turnOnto(*map, *wish.before.map);
    kept.map = map;
    return map ? Made{kept, embeddings, cost} : Made();
}

/// Not in the pool of the panels' preparations, which a map of many samples would hold up for seconds.
void MapMaker::begin(std::shared_ptr<const EncoderCopy> copy)
{
    m_step = copy->state.step;
    m_samples = samples();
    const bool known = m_embeddings && m_embeddingsOf == m_step && m_embeddings->rows == m_samples;
    const Wish wish{copy, m_run.dataset(), m_samples, m_kind, m_apart, m_newest, known ? m_embeddings : nullptr};
    const auto number = ++m_begun;
    m_progress = std::make_shared<MapWork>(
        this,
        [this, number](const KeptMap &map) {
            if (number == m_begun && m_progress)
                emit moved(map);
        },
        playing());
    inBackground(
        this, [wish, work = m_progress] { return make(wish, *work); },
        [this, progress = m_progress](Made made) {
            if (progress == m_progress)
                finish(std::move(made));
        },
        [this, progress = m_progress](const QString &line) {
            if (progress != m_progress)
                return;
            finish({});
            emit failed(line);
        },
        layoutPool());
    update();
}

void MapMaker::finish(Made made)
{
    m_progress.reset();
    m_pause.start(int(1000 * mapInterval(made.cost, chooseThreads(0).count)));
    if (made.kept.map) {
        m_newest = m_before[m_kind] = std::move(made.kept);
        m_embeddings = std::move(made.embeddings);
        m_embeddingsOf = m_newest.map->step;
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
    m_before.clear();
    m_embeddings.reset();
    m_embeddingsOf = -1;
    m_step = m_samples = -1;
    emit cleared();
    update();
}

QString MapMaker::progress() const
{
    return m_progress ? m_progress->what() : QString();
}

} // namespace pretext
