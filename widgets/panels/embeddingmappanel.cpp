// Embedding map: held-out samples where the encoder puts them, by their principal components or by their neighbours, in the plane or in space, coloured by
// label. It follows the job; a slider goes back to any step of which a map was made.
#include "widgets/panels/embeddingmappanel.h"

#include "core/analysis/knn.h"
#include "core/backend/backend.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/panels/embeddingmapbar.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/panels/maptimeline.h"
#include "widgets/plots/scatterraster.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace pretext {

namespace {

constexpr int kMapPollMilliseconds = 250, kNeighbours = 8;
constexpr QRgb kNotChosen = 0xff85888d; // small and faint, so that it is not taken for a class that is grey

} // namespace

EmbeddingMapPanel::EmbeddingMapPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Embedding map"))
    , m_maker(new MapMaker(
          run(), [this] { return isShowing(); }, this))
    , m_bar(new EmbeddingMapBar(this))
    , m_timeline(new MapTimeline(this))
    , m_samples(this, [this] { repaint(); })
{
    addControls();
    addExports();
    m_maker->setSamples(m_bar->samples());
    followMaker();
    clear();
}

EmbeddingMapPanel::~EmbeddingMapPanel()
{
    if (m_export)
        m_export->cancel();
}

void EmbeddingMapPanel::addControls()
{
    toolbar().addWidget(m_bar);
    layout()->addWidget(m_timeline);
    connect(m_bar, &EmbeddingMapBar::samplesChanged, m_maker, &MapMaker::setSamples);
    connect(m_bar, &EmbeddingMapBar::kindChanged, this, &EmbeddingMapPanel::changeKind);
    connect(m_bar, &EmbeddingMapBar::anewAsked, m_maker, &MapMaker::startAnew);
    connect(m_bar, &EmbeddingMapBar::wholeAsked, this, &EmbeddingMapPanel::showWhole);
    connect(m_bar, &EmbeddingMapBar::searched, this, &EmbeddingMapPanel::search);
    connect(m_bar, &EmbeddingMapBar::colouringChanged, this, [this] {
        m_maker->setApart(m_bar->colouring().apart);
        m_labels.reset();
        if (m_shown.map)
            show(m_shown);
    });
    connect(m_timeline, &MapTimeline::showMap, this, &EmbeddingMapPanel::showMap);
}

void EmbeddingMapPanel::followMaker()
{
    m_poll.setInterval(kMapPollMilliseconds);
    connect(&m_poll, &QTimer::timeout, this, [this] { repaint(); });
    connect(&m_maker->follower(), &EncoderFollower::wantsChanged, this, [this] {
        if (!m_shown.map && !m_maker->follower().progress().isEmpty())
            m_poll.start();
        wantedChannelsChanged();
    });
    connect(&m_maker->follower(), &EncoderFollower::cleared, this, &EmbeddingMapPanel::clear);
    connect(&m_maker->follower(), &EncoderFollower::cameBack, this, &EmbeddingMapPanel::comeBack);
    connect(m_maker, &MapMaker::made, this, &EmbeddingMapPanel::take);
    connect(m_maker, &MapMaker::moved, this, &EmbeddingMapPanel::takeMoving);
    connect(&m_maker->follower(), &EncoderFollower::failed, this, [this](const QString &problem) {
        m_problem = problem;
        m_poll.stop();
        canvas().setAccessibleDescription(description());
        repaint();
    });
}

std::set<std::string> EmbeddingMapPanel::wantedChannels() const
{
    return m_maker->follower().wantsWeights() ? std::set<std::string>{"encoder/weights"} : std::set<std::string>{};
}

/// The batch does not matter here, so nothing of the base's is done with it.
void EmbeddingMapPanel::refresh()
{
    m_maker->follower().look();
    if (waits())
        repaint();
}

void EmbeddingMapPanel::clear()
{
    m_poll.stop();
    m_histories.clear();
    m_shown = {};
    m_labels.reset();
    m_near = {};
    m_scatter.clear();
    m_chosen.clear();
    m_lasso.clear();
    m_bar->clearSearch();
    ++m_searching;
    m_problem.clear();
    m_notice.clear();
    m_pointed = -1;
    m_pictured.invalidate();
    const auto dataset = run().dataset();
    m_samples.setDataset(dataset);
    m_bar->setColumns(dataset ? dataset->info().columns : std::vector<LabelColumn>());
    m_maker->setApart(m_bar->colouring().apart);
    m_timeline->setMaps(0, 0);
    m_timeline->setText(stepText());
    canvas().setAccessibleDescription(description());
    repaint();
}

/// What was kept of that kind is shown at once; of a new kind there is a map soon.
void EmbeddingMapPanel::changeKind(MapKind kind)
{
    m_kind = kind;
    m_scatter.clear();
    m_pointed = -1;
    m_timeline->setMaps(history().size(), history().size() - 1);
    if (history().empty()) {
        m_shown = {};
        m_timeline->setText(stepText());
        m_poll.start();
        repaint();
    } else {
        showMap(history().size() - 1);
    }
    m_maker->setKind(kind);
}

void EmbeddingMapPanel::take(const KeptMap &map)
{
    m_poll.stop();
    m_problem.clear();
    if (run().looksBack())
        return show(map); // it has no place among those of the job as it goes on
    const bool follows = m_timeline->atEnd();
    history().add(map, m_shown.map.get());
    const int before = history().indexOf(m_shown.map.get());
    const bool shows = follows || before < 0;
    m_timeline->setMaps(history().size(), shows ? history().size() - 1 : before);
    shows ? showMap(history().size() - 1) : repaint();
    m_timeline->setText(stepText());
    if (shows)
        keepPicture();
}

/// A map on its way is shown where the newest one would be.
void EmbeddingMapPanel::takeMoving(const KeptMap &map)
{
    m_poll.stop();
    if (map.map->kind == m_kind && (m_timeline->atEnd() || run().looksBack()))
        show(map);
}

/// From an older step that was looked back at.
void EmbeddingMapPanel::comeBack()
{
    m_timeline->setMaps(history().size(), history().size() - 1);
    if (!history().empty())
        return showMap(history().size() - 1);
    m_shown = {};
    m_scatter.clear();
    m_timeline->setText(stepText());
    repaint();
}

void EmbeddingMapPanel::showMap(int index)
{
    if (index >= 0 && index < history().size())
        show(history().at(index));
}

void EmbeddingMapPanel::show(const KeptMap &map)
{
    const bool other = !m_shown.map || m_shown.map->samples() != map.map->samples();
    m_shown = map;
    if (m_differs)
        findDifference();
    if (other || !m_labels || m_labelsBy.apart || m_differs)
        colourPoints();
    placePoints();
    nameAxes();
    m_timeline->setText(stepText());
    canvas().setAccessibleDescription(description());
    if (twin() && isLeft())
        twin()->showTurned();
    repaint();
}

void EmbeddingMapPanel::colourPoints()
{
    m_labelsBy = m_bar->colouring();
    if (m_differs) {
        m_labels = m_difference ? mapNumbers(tr("moved"), m_difference->moved) : oneColour(m_shown.map->samples(), m_whyNoDifference);
        return;
    }
    const auto dataset = run().dataset();
    const int64_t count = m_shown.map->samples();
    if (!m_labelsBy.apart)
        m_labels = mapLabels(*dataset, count, std::min<int>(m_labelsBy.column, std::max<int>(0, int(dataset->info().columns.size()) - 1)));
    else if (m_shown.apart)
        m_labels = mapNumbers(tr("1 − cosine of two views:"), *m_shown.apart);
    else
        m_labels = oneColour(count, tr("One colour: how far views are apart comes with the next map"));
}

void EmbeddingMapPanel::placePoints()
{
    turnOntoLeft();
    const EmbeddingMap &map = *m_drawn;
    std::vector<QRgb> colours = m_labels->colours;
    std::vector<uint8_t> depths; // where some are chosen, all others are as far away as can be
    if (!m_chosen.empty())
        depths.assign(colours.size(), Dots::kNearest);
    for (int64_t row = 0; row < map.samples() && !m_chosen.empty(); ++row)
        if (!m_chosen.contains(map.sample(row))) {
            colours[size_t(row)] = kNotChosen;
            depths[size_t(row)] = 0;
        }
    if (isSpace()) {
        MapOrbit::Seen seen = m_orbit.look(map.points);
        if (!depths.empty())
            seen.space.depths = std::move(depths);
        m_scatter.setPoints(std::move(seen.places), std::move(colours), std::move(seen.space));
        return;
    }
    std::vector<QPointF> points;
    points.reserve(size_t(map.samples()));
    for (int64_t row = 0; row < map.samples(); ++row)
        points.emplace_back(map.points.at(row, 0), map.points.at(row, 1));
    m_scatter.setPoints(std::move(points), std::move(colours), std::move(depths));
    shareAxes();
}

void EmbeddingMapPanel::showWhole()
{
    m_scatter.resetView();
    if (isSpace()) {
        m_orbit.reset();
        placePoints();
    }
    shareView();
    repaint();
}

/// Beside the window, since texts may be read from files; what was typed last wins.
void EmbeddingMapPanel::search(const QString &words)
{
    const int number = ++m_searching;
    if (words.isEmpty())
        letGo();
    if (words.isEmpty() || !m_shown.map)
        return;
    inBackground(
        this, [words, dataset = run().dataset(), map = m_shown.map] { return samplesWith(words, *dataset, *map); },
        [this, number, words](std::vector<int64_t> found) {
            if (number != m_searching || !m_shown.map)
                return;
            m_chosen.set(std::move(found), tr("With “%1”").arg(words));
            placePoints();
            repaint();
        },
        [](const QString &line) { qWarning("%s", qPrintable(line)); }, analysisPool());
}

/// Of what was drawn around or found.
void EmbeddingMapPanel::letGo(bool inBoth)
{
    if (inBoth && twin())
        twin()->letGo(false);
    m_chosen.clear();
    m_lasso.clear();
    m_bar->clearSearch();
    ++m_searching;
    if (m_shown.map)
        placePoints();
    repaint();
}

int64_t EmbeddingMapPanel::fixed() const
{
    return selection().sample().split == Split::test ? selection().sample().index : -1;
}

/// -1: what was fixed here is so no longer.
void EmbeddingMapPanel::fix(int64_t sample)
{
    if (sample >= 0 || fixed() >= 0)
        selection().select({{Split::test, sample}});
}

const std::vector<EmbeddingMapPanel::Neighbour> &EmbeddingMapPanel::neighbours() const
{
    const EmbeddingMap *newest = m_maker->newest();
    const int64_t sample = current(), row = newest ? newest->rowOf(sample) : -1;
    if (m_near.sample == sample && m_near.map == newest)
        return m_near.found;
    m_near = {sample, newest, {}};
    if (row < 0)
        return m_near.found;
    const Matrix &all = *m_maker->embeddings();
    const auto own = all.values.begin() + row * all.columns;
    const ThreadBudget alone(1); // a team of the window's thread would wait in the trainer's way
    const Neighbours found = nearestNeighbours(all, {1, all.columns, {own, own + all.columns}}, kNeighbours + 1);
    for (size_t i = 0; i < found.indices.size() && m_near.found.size() < kNeighbours; ++i)
        if (found.indices[i] >= 0 && found.indices[i] != row)
            m_near.found.push_back({newest->sample(found.indices[i]), found.similarities[i]});
    return m_near.found;
}

Panel *makeEmbeddingMapPanel(const PanelContext &context)
{
    return new EmbeddingMapPanel(context);
}

} // namespace pretext
