// The embedding map beside that of another run: the same axes and the same samples in both, and how far each sample of the one is from where the other
// has it.
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace pretext {

void EmbeddingMapPanel::standBeside(Panel *other, bool isLeft)
{
    CanvasPanel::standBeside(other, isLeft);
    m_maker->setBasis({});
    if (!other || isLeft)
        return;
    m_maker->setBasis([this] { return twin() ? twin()->m_shown : KeptMap(); });
    connect(m_maker, &MapMaker::made, twin(), [left = twin()] {
        if (left->m_differs && left->m_shown.map)
            left->show(left->m_shown);
    });
}

bool EmbeddingMapPanel::sharesMaps() const
{
    return twin() && m_shown.map && twin()->m_shown.map && twin()->m_shown.map->kind == m_shown.map->kind;
}

/// Components come in any order and direction: those of the right run as near to the left one's as they can be turned.
void EmbeddingMapPanel::turnOntoLeft()
{
    m_drawn = m_shown.map;
    if (isLeft() || !sharesMaps() || m_kind.method != MapMethod::pca)
        return;
    auto turned = std::make_shared<EmbeddingMap>(*m_shown.map);
    turnOnto(*turned, *twin()->m_shown.map);
    m_drawn = turned;
}

/// The left one has another map.
void EmbeddingMapPanel::showTurned()
{
    if (!m_shown.map)
        return;
    placePoints();
    nameAxes();
    repaint();
}

/// Ranges of the axes are those that both need.
void EmbeddingMapPanel::shareAxes()
{
    if (!sharesMaps() || isSpace())
        return;
    m_scatter.widen(twin()->m_scatter);
    twin()->m_scatter.widen(m_scatter);
    twin()->repaint();
}

/// Where the map begins below a title and a legend that end at `bottom`: as low as in the other, whose title may have more lines, so that equal places
/// are at equal heights.
qreal EmbeddingMapPanel::belowHeads(qreal bottom)
{
    const bool moved = std::exchange(m_head, bottom) != bottom;
    if (!sharesMaps())
        return bottom;
    if (moved)
        twin()->repaint();
    return std::max(bottom, twin()->m_head);
}

void EmbeddingMapPanel::shareView()
{
    if (!sharesMaps())
        return;
    if (isSpace()) {
        twin()->m_orbit = m_orbit;
        twin()->placePoints();
    }
    twin()->m_scatter.setViewOf(m_scatter);
    twin()->repaint();
}

void EmbeddingMapPanel::zoomAt(QPointF at, qreal factor)
{
    m_scatter.zoom(at, factor);
    shareView();
}

/// In the other map the same sample is pointed at.
void EmbeddingMapPanel::pointAt(int64_t sample)
{
    m_pointed = sample;
    if (!twin() || twin()->m_pointed == sample)
        return;
    twin()->m_pointed = sample;
    twin()->repaint();
}

void EmbeddingMapPanel::showDifference(bool shows)
{
    if (shows == m_differs)
        return;
    m_differs = shows;
    m_difference.reset();
    m_labels.reset();
    if (m_shown.map)
        show(m_shown);
    repaint();
}

/// The same step's where there is one, else the newest of each; of a map that is still laid out there is none.
void EmbeddingMapPanel::findDifference()
{
    m_difference.reset();
    m_whyNoDifference.clear();
    const MapHistory &others = twin() ? twin()->history() : history();
    if (!twin() || others.empty() || !m_shown.map) {
        m_whyNoDifference = tr("There is no difference to show yet: the right run's map is still to come.");
        return;
    }
    const EmbeddingMap *right = others.at(others.size() - 1).map.get();
    for (int i = 0; i < others.size(); ++i)
        if (others.at(i).map->step == m_shown.map->step)
            right = others.at(i).map.get();
    m_rightStep = right->step;
    try {
        m_difference = std::make_shared<const MapDifference>(differenceOf(*m_shown.map, *right));
    } catch (const std::exception &) {
        m_whyNoDifference = tr("There is no difference to show: the two maps are not of the same samples.");
    }
}

QString EmbeddingMapPanel::differenceText() const
{
    if (!m_difference)
        return m_whyNoDifference;
    const double share = m_difference->spread > 0 ? m_difference->residual / m_difference->spread : 0;
    const QString how =
        m_rightStep == m_shown.map->step
            ? tr("How far each sample lies from where the right run has it, at the same step, after its map was turned onto this one")
            : tr("How far each sample lies from where the right run has it at step %1, after its map was turned onto this one").arg(m_rightStep);
    return tr("%1 (orthogonal Procrustes). What remains: %2, %3 of this map's spread").arg(how, numberText(m_difference->residual), percentText(share));
}

/// Where few points are in sight, a line from each to where the right run has it.
void EmbeddingMapPanel::drawMoves(Canvas &canvas) const
{
    constexpr size_t kMostMoves = 1200;
    if (!m_differs || !m_difference || isSpace() || m_scatter.rect().isEmpty())
        return;
    const std::vector<int> seen = m_scatter.seen();
    if (seen.size() > kMostMoves)
        return;
    canvas.clip(m_scatter.rect());
    for (const int row : seen) {
        const int64_t other = m_difference->turned.rowOf(m_shown.map->sample(row));
        const auto from = m_scatter.position(row);
        if (!from || other < 0)
            continue;
        const Matrix &to = m_difference->turned.points;
        canvas.line(*from, m_scatter.placeOf({to.at(other, 0), to.at(other, 1)}), m_labels->colour(row), 1);
    }
    canvas.unclip();
}

} // namespace pretext
