#include "widgets/selection.h"

namespace pretext {

void Selection::selectPair(int pair)
{
    if (pair == m_pair)
        return;
    m_pair = pair;
    m_cell = {};
    emit changed();
}

void Selection::selectCell(Cell cell, int pairs)
{
    if (cell == m_cell)
        return;
    m_cell = cell;
    m_pair = cell.row >= 0 && pairs > 0 ? cell.row % pairs : -1;
    emit changed();
}

void Selection::hover(Cell cell)
{
    if (cell == m_hovered)
        return;
    m_hovered = cell;
    emit hoverChanged();
}

void Selection::clear()
{
    m_hovered = {};
    selectCell({}, 0);
}

} // namespace pretext
