// Embedding map: held-out samples where the encoder puts them, in the plane of two principal components, coloured by label. It follows the job;
// a slider goes back to any step of which a map was made.
#include "widgets/panels/embeddingmappanel.h"

#include "core/analysis/knn.h"
#include "core/backend/backend.h"
#include "core/system/threads.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace pretext {

namespace {

constexpr int kMapPollMilliseconds = 250, kNeighbours = 8;
constexpr int kSampleChoices[] = {500, 1000, 2000, 10000, 0}; // 0: all
constexpr int kFirstChoice = 1;
constexpr qreal kFarShare = 0.12; // of the map's width, that a long stride takes

} // namespace

EmbeddingMapPanel::EmbeddingMapPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Embedding map"))
    , m_maker(new MapMaker(
          run(), [this] { return isShowing(); }, this))
    , m_samples(this, [this] { repaint(); })
{
    addToolbar();
    addSlider();
    m_maker->setSamples(kSampleChoices[kFirstChoice]);
    followMaker();
    clear();
}

EmbeddingMapPanel::~EmbeddingMapPanel() = default;

void EmbeddingMapPanel::addToolbar()
{
    auto *choice = new QComboBox;
    for (const int samples : kSampleChoices)
        choice->addItem(samples > 0 ? QString::number(samples) : tr("All"), samples);
    choice->setCurrentIndex(kFirstChoice);
    choice->setToolTip(tr("How many held-out samples the map shows, spread evenly over the test split; all are at most %1. "
                          "The more, the longer each map takes, and the later the next one comes.")
                           .arg(MapMaker::kMostSamples));
    auto *name = new QLabel(tr("Sa&mples"));
    name->setBuddy(choice);
    auto *whole = new QPushButton(tr("Show a&ll"));
    whole->setToolTip(tr("Brings all points back into view (Home, or a double click on the map)."));
    auto *axes = new QLabel(tr("Stable axes"));
    axes->setToolTip(tr("<p>The axes are the two directions along which the encoder's embeddings h vary most (PCA). PCA alone would flip and swap "
                        "them from map to map, so each map is turned or mirrored onto the one before it (orthogonal Procrustes), which changes "
                        "no distance: what moves is the encoder. An axis says by how much it is turned away from its component.</p>"));
    toolbar().addWidget(name);
    toolbar().addWidget(choice);
    toolbar().addWidget(whole);
    toolbar().addStretch(1);
    toolbar().addWidget(axes);
    connect(choice, &QComboBox::currentIndexChanged, this, [this](int index) { m_maker->setSamples(kSampleChoices[index]); });
    connect(whole, &QPushButton::clicked, this, [this] {
        m_scatter.resetView();
        repaint();
    });
}

void EmbeddingMapPanel::addSlider()
{
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setAccessibleName(tr("Time: the step of the map"));
    m_slider->setToolTip(tr("Goes back to the maps of earlier steps; at its right end the map follows the training. Of more than %1 maps "
                            "some in between are dropped.")
                             .arg(MapHistory::kMost));
    m_slider->setPageStep(1);
    m_stepLabel = new QLabel;
    m_stepLabel->setMinimumWidth(m_stepLabel->fontMetrics().horizontalAdvance(QStringLiteral("Step 000000, newest")));
    auto *row = new QHBoxLayout;
    row->setContentsMargins(6, 2, 6, 4);
    row->addWidget(m_stepLabel);
    row->addWidget(m_slider, 1);
    static_cast<QVBoxLayout *>(layout())->addLayout(row);
    connect(m_slider, &QSlider::valueChanged, this, &EmbeddingMapPanel::showMap);
}

void EmbeddingMapPanel::followMaker()
{
    m_poll.setInterval(kMapPollMilliseconds);
    connect(&m_poll, &QTimer::timeout, this, [this] { repaint(); });
    connect(m_maker, &MapMaker::wantsChanged, this, [this] {
        if (m_history.empty() && !m_maker->progress().isEmpty())
            m_poll.start();
        wantedChannelsChanged();
    });
    connect(m_maker, &MapMaker::cleared, this, &EmbeddingMapPanel::clear);
    connect(m_maker, &MapMaker::made, this, &EmbeddingMapPanel::take);
    connect(m_maker, &MapMaker::failed, this, [this](const QString &problem) {
        m_problem = problem;
        m_poll.stop();
        canvas().setAccessibleDescription(description());
        repaint();
    });
}

std::set<std::string> EmbeddingMapPanel::wantedChannels() const
{
    return m_maker->wantsWeights() ? std::set<std::string>{"encoder/weights"} : std::set<std::string>{};
}

/// The batch does not matter here, so nothing of the base's is done with it.
void EmbeddingMapPanel::refresh()
{
    m_maker->look();
    if (waits())
        repaint();
}

void EmbeddingMapPanel::clear()
{
    m_poll.stop();
    m_history.clear();
    m_shown = {};
    m_near = {};
    m_scatter.clear();
    m_problem.clear();
    m_pointed = -1;
    m_samples.setDataset(run().dataset());
    const QSignalBlocker quiet(m_slider);
    m_slider->setRange(0, 0);
    m_slider->setEnabled(false);
    m_stepLabel->setText(stepText());
    canvas().setAccessibleDescription(description());
    repaint();
}

void EmbeddingMapPanel::take(const KeptMap &map)
{
    m_poll.stop();
    m_problem.clear();
    const bool follows = m_slider->value() == m_slider->maximum();
    m_history.add(map, m_shown.map.get());
    const int before = m_history.indexOf(m_shown.map.get());
    const bool shows = follows || before < 0;
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, m_history.size() - 1);
        m_slider->setEnabled(m_history.size() > 1);
        m_slider->setValue(shows ? m_history.size() - 1 : before);
    }
    shows ? showMap(m_history.size() - 1) : repaint();
    m_stepLabel->setText(stepText());
}

void EmbeddingMapPanel::showMap(int index)
{
    m_shown = m_history.at(index);
    const EmbeddingMap &map = *m_shown.map;
    std::vector<QPointF> points;
    points.reserve(size_t(map.samples()));
    for (int64_t row = 0; row < map.samples(); ++row)
        points.emplace_back(map.points.at(row, 0), map.points.at(row, 1));
    m_scatter.setPoints(std::move(points), m_shown.labels->colours);
    m_scatter.setAxes(axisName(0), axisName(1));
    m_stepLabel->setText(stepText());
    canvas().setAccessibleDescription(description());
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

int64_t EmbeddingMapPanel::sampleAt(QPointF position) const
{
    const int row = m_scatter.nearest(position, m_reach);
    return row < 0 ? -1 : m_shown.map->sample(row);
}

void EmbeddingMapPanel::hover(QPointF position)
{
    m_pointed = sampleAt(position);
}

void EmbeddingMapPanel::click(QPointF position)
{
    if (m_scatter.rect().contains(position))
        fix(sampleAt(position));
}

void EmbeddingMapPanel::drag(QPointF from, QPointF change)
{
    if (m_scatter.rect().contains(from))
        m_scatter.pan(change);
}

void EmbeddingMapPanel::wheel(QPointF at, qreal steps)
{
    if (m_scatter.rect().contains(at))
        m_scatter.zoom(at, std::pow(1.25, steps));
}

void EmbeddingMapPanel::moveBy(QPointF direction, bool far)
{
    const int now = int(m_shown.map->rowOf(current()));
    const int next = now >= 0 ? m_scatter.next(now, direction, far ? kFarShare * m_scatter.rect().width() : 0)
                              : m_scatter.nearest(m_scatter.rect().center(), std::numeric_limits<qreal>::infinity());
    if (next < 0)
        return; // nothing lies that way
    m_pointed = m_shown.map->sample(next);
    m_scatter.reveal(next);
}

bool EmbeddingMapPanel::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (!m_shown.map)
        return false;
    const bool far = modifiers & Qt::ShiftModifier;
    const QPointF middle = m_scatter.rect().center();
    switch (key) {
    case Qt::Key_Left: moveBy({-1, 0}, far); return true;
    case Qt::Key_Right: moveBy({1, 0}, far); return true;
    case Qt::Key_Up: moveBy({0, -1}, far); return true;
    case Qt::Key_Down: moveBy({0, 1}, far); return true;
    case Qt::Key_PageUp: m_slider->setValue(m_slider->value() - 1); return true;
    case Qt::Key_PageDown: m_slider->setValue(m_slider->value() + 1); return true;
    case Qt::Key_Plus: m_scatter.zoom(middle, 1.25); return true;
    case Qt::Key_Minus: m_scatter.zoom(middle, 0.8); return true;
    case Qt::Key_Home: m_scatter.resetView(); return true;
    case Qt::Key_Escape:
        m_pointed = -1;
        selection().clear();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: fix(current()); return true;
    default: return false;
    }
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
