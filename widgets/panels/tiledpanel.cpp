#include "widgets/panels/tiledpanel.h"

#include "widgets/selection.h"

#include <algorithm>

namespace pretext {

int TiledPanel::hoveredTile() const
{
    const int row = selection().hovered().row;
    const int pair = row >= 0 && row < batch().rows() ? batch().pairOf(row) : -1;
    return pair < tiles() ? pair : -1;
}

int TiledPanel::selectedTile() const
{
    return selectedPair() < tiles() ? selectedPair() : -1;
}

void TiledPanel::hoverTile(int tile)
{
    selection().hover(tile < 0 ? Cell{} : Cell{tile, -1});
}

void TiledPanel::selectTile(int tile)
{
    selectPair(tile);
}

int TiledPanel::shownTile() const
{
    const int hovered = hoveredTile();
    return hovered >= 0 ? hovered : std::max(0, selectedTile());
}

void TiledPanel::drawTiles(Canvas &canvas, const QRectF &area, const QSizeF &tile, const std::function<void(int tile, const QRectF &box)> &draw)
{
    m_grid.place(area, tiles(), tile.width(), tile.height());
    const int hovered = hoveredTile(), selected = selectedTile();
    if (selected != m_revealed) {
        m_revealed = selected;
        if (selected >= 0 && (!beside() || isLeft())) { // of two the left one leads
            m_grid.reveal(selected);
            leadTwin();
        }
    }
    canvas.clip(area);
    for (int i = m_grid.firstVisible(); i < m_grid.endVisible(); ++i) {
        const QRectF box = m_grid.tile(i).adjusted(0, 0, -2, -2);
        if (i == hovered)
            canvas.fill(box, canvas.theme().grid);
        draw(i, box);
        if (i == selected)
            canvas.rectangle(box, canvas.theme().selection, 2);
    }
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

void TiledPanel::click(QPointF position)
{
    if (const int tile = m_grid.tileAt(position); tile >= 0 && tile < tiles())
        selectTile(tile);
}

void TiledPanel::drag(QPointF from, QPointF change)
{
    if (m_grid.area().contains(from))
        scrollBy(-change.y());
}

void TiledPanel::wheel(QPointF, qreal steps)
{
    scrollBy(-steps * 60);
}

void TiledPanel::scrollBy(qreal pixels)
{
    m_grid.scroll(pixels);
    leadTwin();
}

/// The same panel of the run beside shows the same rows of tiles.
void TiledPanel::leadTwin()
{
    auto *twin = static_cast<TiledPanel *>(beside());
    if (!twin)
        return;
    twin->m_grid.scroll(m_grid.offset() - twin->m_grid.offset());
    twin->repaint();
}

void TiledPanel::moveBy(int tiles)
{
    const int next = std::clamp(shownTile() + tiles, 0, this->tiles() - 1);
    m_grid.reveal(next);
    leadTwin();
    hoverTile(next);
}

bool TiledPanel::key(int key, Qt::KeyboardModifiers)
{
    if (tiles() == 0)
        return false;
    const int page = m_grid.rowsShown() * m_grid.columns();
    switch (key) {
    case Qt::Key_Left: moveBy(-1); return true;
    case Qt::Key_Right: moveBy(1); return true;
    case Qt::Key_Up: moveBy(-m_grid.columns()); return true;
    case Qt::Key_Down: moveBy(m_grid.columns()); return true;
    case Qt::Key_PageUp: moveBy(-page); return true;
    case Qt::Key_PageDown: moveBy(page); return true;
    case Qt::Key_Home: moveBy(-tiles()); return true;
    case Qt::Key_End: moveBy(tiles()); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: selectTile(shownTile()); return true;
    default: return false;
    }
}

} // namespace pretext
