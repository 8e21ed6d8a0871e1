#include "widgets/panels/mapmaker.h"

#include "core/analysis/features.h"
#include "core/analysis/maplayout.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/spread.h"
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

constexpr double kLayoutShare = 0.008, kFirstLayoutShare = 0.2; // of the machine, of what a layout takes; the first one, without which there is nothing to see
constexpr double kPortion = 0.25, kMapShownEvery = 0.1;         // seconds: a portion of a layout and its rest; while nothing trains, from picture to picture

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

/// How fast the thread that lays out a map may go, and what the window is shown of it.
class MapPace
{
public:
    MapPace(QObject *receiver, std::function<void(KeptMap)> shown, bool playing) : m_receiver(receiver), m_shown(std::move(shown)), m_playing(playing) {}
    void setPlaying(bool playing)
    {
        const std::lock_guard lock(m_mutex);
        m_playing = playing;
    }
    bool playing() const
    {
        const std::lock_guard lock(m_mutex);
        return m_playing;
    }
    void show(KeptMap map) const
    {
        tellWindow(m_receiver, [shown = m_shown, map = std::move(map)] { shown(map); });
    }
    /// So many seconds, or until it is given up or training stops.
    void rest(double seconds, const Progressing &progress) const
    {
        for (const double end = layoutSeconds() + seconds; layoutSeconds() < end && !progress.cancelled() && playing();)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }

private:
    QPointer<QObject> m_receiver;
    std::function<void(KeptMap)> m_shown;
    mutable std::mutex m_mutex;
    bool m_playing;
};

MapMaker::MapMaker(Run &run, std::function<bool()> showing, QObject *parent)
    : QObject(parent)
    , m_run(run)
    , m_follower(run,
                 {.showing = std::move(showing),
                  .prepare = [this](auto copy, auto dataset) { return prepare(std::move(copy), std::move(dataset)); },
                  .pool = layoutPool()}, // not that of the panels' preparations, which a map of many samples would hold up for seconds
                 nullptr)
{
    connect(&m_follower, &EncoderFollower::cleared, this, &MapMaker::clear);
    connect(&m_follower, &EncoderFollower::leftNow, this, &MapMaker::keepNow);
    connect(&m_follower, &EncoderFollower::cameBack, this, &MapMaker::comeBack);
    connect(&m_follower, &EncoderFollower::worked, this, [this] { emit made(m_newest); });
    connect(&m_run, &Run::statusChanged, this, [this] {
        if (m_pace)
            m_pace->setPlaying(m_follower.playing());
    });
}

MapMaker::~MapMaker() = default;

void MapMaker::setSamples(int64_t samples)
{
    const int64_t before = this->samples();
    m_most = samples > 0 ? std::min(samples, kMostSamples) : kMostSamples;
    if (this->samples() != before)
        m_follower.beginAgain();
}

void MapMaker::setKind(MapKind kind)
{
    if (kind == m_kind)
        return;
    m_follower.giveUp();
    m_kind = kind;
    const auto before = m_before.find(kind);
    m_newest = before == m_before.end() ? KeptMap() : before->second;
    m_follower.beginAgain();
}

void MapMaker::setApart(bool wanted)
{
    m_apart = wanted;
    if (wanted && !m_newest.apart)
        m_follower.beginAgain();
}

void MapMaker::startAnew()
{
    m_follower.giveUp();
    m_before.erase(m_kind);
    m_newest = {};
    m_follower.beginAgain();
}

int64_t MapMaker::samples() const
{
    const auto dataset = m_run.dataset();
    return dataset ? std::min(m_most, dataset->size(Split::test)) : 0;
}

std::shared_ptr<const Matrix> MapMaker::embeddingsOf(const Wish &wish, Progressing &progress)
{
    if (wish.embeddings)
        return wish.embeddings;
    const std::string what =
        pretext::said("%1 held-out samples through the encoder of step %2", {std::to_string(wish.samples), std::to_string(wish.copy->state.step)});
    const TrainedEncoder encoder = encoderOf(*wish.copy);
    return std::make_shared<const Matrix>(
        embedSamples(encoder, *spreadSubset(*wish.dataset, 0, wish.samples), Split::test, 0, [&](double share) { return progress.report(what, share); }));
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
std::shared_ptr<const std::vector<float>> viewsApart(const EncoderCopy &copy, const Dataset &dataset, int64_t samples, Progressing &progress)
{
    constexpr int64_t kAtOnce = 256; // views of large pictures take much room
    const ModalityAnalysis *analysis = modalityType(dataset.info().modality).analysis;
    if (!analysis || !analysis->twoViews)
        return nullptr;
    const std::string what = pretext::said("two views of %1 samples", {std::to_string(samples)});
    TrainedEncoder encoder = encoderOf(copy);
    const auto all = spreadSubset(dataset, 0, samples);
    std::vector<float> apart;
    while (int64_t(apart.size()) < samples && progress.report(what, double(apart.size()) / double(samples))) {
        const int64_t first = int64_t(apart.size()), count = std::min(kAtOnce, samples - first);
        const auto [one, other] = analysis->twoViews(encoder, MapSlice(*all, first, count), count);
        for (int64_t row = 0; row < count; ++row)
            apart.push_back(float(1 - cosineOf(one, other, row)));
    }
    return std::make_shared<const std::vector<float>>(std::move(apart));
}

} // namespace

/// In portions, each shown. Null where it was given up.
std::shared_ptr<EmbeddingMap> MapMaker::layOut(const Wish &wish, const Matrix &embeddings, std::shared_ptr<EmbeddingMap> map, KeptMap kept,
                                               Progressing &progress, MapPace &pace)
{
    const std::string near = pretext::said("who is near whom of %1 samples", {std::to_string(wish.samples)});
    const auto layout = beginLayout(embeddings, *map, wish.before.map.get(), [&](double share) { return progress.report(near, share); });
    if (!layout)
        return nullptr;
    const int threads = chooseThreads(0).count;
    const double share = wish.before.map && !wish.waitedFor ? kLayoutShare : kFirstLayoutShare;
    double shown = 0;
    int portion = 1;
    while (layout->iteration() < layout->planned() && !progress.cancelled()) {
        const bool playing = pace.playing();
        const double wished = playing ? share * threads * kPortion : kMapShownEvery, begun = layoutSeconds();
        {
            const ThreadBudget team(playing ? 1 : 0);
            layout->run(std::min(portion, layout->planned() - layout->iteration()));
        }
        const double took = std::max(1e-6, layoutSeconds() - begun);
        portion = std::clamp(int(portion * std::clamp(wished / took, 0.3, 3.)), 1, 100);
        if (layoutSeconds() - shown >= 0.9 * kMapShownEvery) {
            kept.map = [&] {
                EmbeddingMap now = *map;
                now.points = layout->points();
                return std::make_shared<const EmbeddingMap>(std::move(now));
            }();
            kept.iteration = layout->iteration();
            kept.planned = layout->planned();
            pace.show(kept);
            shown = layoutSeconds();
        }
        if (playing)
            pace.rest(took / (share * threads) - took, progress);
    }
    map->points = layout->points();
    return progress.cancelled() ? nullptr : map;
}

MapMaker::Made MapMaker::make(const Wish &wish, Progressing &progress, MapPace &pace)
{
    const auto embeddings = embeddingsOf(wish, progress);
    if (progress.cancelled())
        return {};
    KeptMap kept;
    if (wish.apart)
        kept.apart = viewsApart(*wish.copy, *wish.dataset, wish.samples, progress);
    auto map = std::make_shared<EmbeddingMap>(embeddingMap(*embeddings, wish.dataset->size(Split::test), wish.copy->state.step, wish.kind.dimensions));
    map->kind = wish.kind;
    const double begun = processorSeconds();
    if (wish.kind.method != MapMethod::pca && !map->collapsed())
        map = layOut(wish, *embeddings, map, kept, progress, pace);
    else if (wish.before.map)
        turnOnto(*map, *wish.before.map);
    kept.map = map;
    return {kept, embeddings, processorSeconds() - begun};
}

EncoderFollower::Work MapMaker::prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset)
{
    const bool known = m_embeddings && m_embeddingsOf == copy->state.step && m_embeddings->rows == samples();
    KeptMap before = m_newest;
    if (const KeptMap basis = m_basis ? m_basis() : KeptMap(); basis.map && basis.map->kind == m_kind && !before.map)
        before = basis;
    const Wish wish{copy, dataset, samples(), m_kind, m_apart, before, known ? m_embeddings : nullptr, m_run.looksBack()};
    const auto number = ++m_begun;
    m_pace = std::make_shared<MapPace>(
        this,
        [this, number](const KeptMap &map) {
            if (number == m_begun && m_follower.working())
                emit moved(map);
        },
        m_follower.playing());
    return [this, wish, pace = m_pace](Progressing &progress) -> EncoderFollower::Done {
        const Made found = make(wish, progress, *pace);
        if (!found.kept.map)
            return {{}, found.layout};
        const auto adopt = [this, found] { // on the window's thread, where it is still there
            m_newest = m_before[m_kind] = found.kept;
            m_embeddings = found.embeddings;
            m_embeddingsOf = m_newest.map->step;
        };
        return {adopt, found.layout};
    };
}

void MapMaker::keepNow()
{
    m_ofNow = {m_before, m_embeddings, m_embeddingsOf};
}

void MapMaker::comeBack()
{
    m_before = std::move(m_ofNow.before);
    m_embeddings = std::move(m_ofNow.embeddings);
    m_embeddingsOf = m_ofNow.embeddingsOf;
    m_ofNow = {};
    const auto kept = m_before.find(m_kind);
    m_newest = kept == m_before.end() ? KeptMap() : kept->second;
}

void MapMaker::clear()
{
    m_newest = {};
    m_before.clear();
    m_embeddings.reset();
    m_embeddingsOf = -1;
}

} // namespace pretext
