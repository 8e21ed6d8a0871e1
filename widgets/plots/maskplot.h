// Who may see whom: a square of cells, one for each pair of positions, filled where the row's token may see the column's.
#pragma once

#include "widgets/plots/canvas.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pretext {

class MaskPlot
{
public:
    /// [side, side], 1: may see.
    void setMask(int side, std::vector<uint8_t> visible);
    int side() const { return m_side; }
    bool sees(int row, int column) const { return m_visible[size_t(row) * m_side + column]; }

    /// The largest square at the top left of `area`; `row` is framed, if it is not -1.
    void draw(Canvas &canvas, const QRectF &area, int row = -1);
    const QRectF &rect() const { return m_rect; }
    /// -1: outside.
    int rowAt(QPointF position) const { return m_rect.contains(position) ? cellOf(position.y() - m_rect.top()) : -1; }
    int columnAt(QPointF position) const { return m_rect.contains(position) ? cellOf(position.x() - m_rect.left()) : -1; }

private:
    int cellOf(qreal distance) const { return std::min(m_side - 1, int(distance * m_side / m_rect.width())); }

    int m_side = 0;
    std::vector<uint8_t> m_visible;
    QRectF m_rect;
    QColor m_colour;
    CanvasImage m_image{newImageKey(), 0, {}};
};

} // namespace pretext
