// What pointing, dragging, the wheel and the keys do in the embedding map.
#include "widgets/panels/embeddingmapbar.h"
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/panels/maptimeline.h"
#include "widgets/selection.h"

#include <QApplication>

#include <cmath>
#include <limits>

namespace pretext {

namespace {

constexpr qreal kFarShare = 0.12;  // of the map's width, that a long stride takes
constexpr qreal kTurnPixels = 12;  // of a key that turns the map in space, as if dragged
constexpr qreal kPixelsAStep = 60; // of the wheel, over the list

} // namespace

int64_t EmbeddingMapPanel::sampleAt(QPointF position) const
{
    const int row = m_scatter.nearest(position, m_reach);
    return row < 0 ? -1 : m_shown.map->sample(row);
}

void EmbeddingMapPanel::hover(QPointF position)
{
    const int64_t listed = m_chosen.at(position);
    pointAt(listed >= 0 ? listed : sampleAt(position));
}

void EmbeddingMapPanel::click(QPointF position)
{
    if (const int64_t listed = m_chosen.at(position); listed >= 0)
        fix(listed);
    else if (m_scatter.rect().contains(position))
        fix(sampleAt(position));
}

void EmbeddingMapPanel::drag(QPointF from, QPointF change)
{
    if (!m_scatter.rect().contains(from))
        return;
    if (!m_lasso.isEmpty() || m_bar->lassoing() || QApplication::keyboardModifiers() & Qt::ShiftModifier) {
        if (m_lasso.isEmpty())
            m_lasso << from;
        m_lasso << m_lasso.back() + change;
    } else if (isSpace()) {
        m_orbit.turn(change);
        placePoints();
    } else {
        m_scatter.pan(change);
    }
    shareView();
}

void EmbeddingMapPanel::release()
{
    if (m_lasso.isEmpty())
        return;
    std::vector<int64_t> samples;
    for (const int row : m_scatter.seen(m_lasso))
        samples.push_back(m_shown.map->sample(row));
    letGo();
    if (samples.empty())
        return;
    if (twin())
        twin()->choose(samples, tr("Drawn around"));
    choose(std::move(samples), tr("Drawn around"));
}

void EmbeddingMapPanel::choose(std::vector<int64_t> samples, const QString &how)
{
    m_chosen.set(std::move(samples), how);
    m_pointed = -1;
    if (m_shown.map)
        placePoints();
    repaint();
}

void EmbeddingMapPanel::wheel(QPointF at, qreal steps)
{
    if (m_scatter.rect().contains(at))
        zoomAt(at, std::pow(1.25, steps));
    else if (m_chosen.area().contains(at))
        m_chosen.scroll(-kPixelsAStep * steps);
}

void EmbeddingMapPanel::moveBy(QPointF direction, bool far)
{
    const int now = int(m_shown.map->rowOf(current()));
    const int next = now >= 0 ? m_scatter.next(now, direction, far ? kFarShare * m_scatter.rect().width() : 0)
                              : m_scatter.nearest(m_scatter.rect().center(), std::numeric_limits<qreal>::infinity());
    if (next < 0)
        return; // nothing lies that way
    pointAt(m_shown.map->sample(next));
    m_scatter.reveal(next);
    shareView();
}

bool EmbeddingMapPanel::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (!m_shown.map)
        return false;
    const bool far = modifiers & Qt::ShiftModifier;
    const QPointF middle = m_scatter.rect().center();
    switch (key) {
    case Qt::Key_A:
    case Qt::Key_D:
    case Qt::Key_W:
    case Qt::Key_S:
        if (!isSpace())
            return false;
        m_orbit.turn({key == Qt::Key_A   ? -kTurnPixels
                      : key == Qt::Key_D ? kTurnPixels
                                         : 0,
                      key == Qt::Key_W   ? -kTurnPixels
                      : key == Qt::Key_S ? kTurnPixels
                                         : 0});
        placePoints();
        return true;
    case Qt::Key_Left: moveBy({-1, 0}, far); return true;
    case Qt::Key_Right: moveBy({1, 0}, far); return true;
    case Qt::Key_Up: moveBy({0, -1}, far); return true;
    case Qt::Key_Down: moveBy({0, 1}, far); return true;
    case Qt::Key_PageUp: m_timeline->move(-1); return true;
    case Qt::Key_PageDown: m_timeline->move(1); return true;
    case Qt::Key_Plus: zoomAt(middle, 1.25); return true;
    case Qt::Key_Minus: zoomAt(middle, 0.8); return true;
    case Qt::Key_Home: showWhole(); return true;
    case Qt::Key_Escape:
        m_pointed = -1;
        m_chosen.empty() ? selection().clear() : letGo();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: fix(current()); return true;
    default: return false;
    }
}

} // namespace pretext
