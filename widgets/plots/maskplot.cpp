#include "widgets/plots/maskplot.h"

#include <algorithm>
#include <cmath>

namespace pretext {

void MaskPlot::setMask(int side, std::vector<uint8_t> visible)
{
    const bool fits = side >= 0 && visible.size() == size_t(side) * side;
    m_side = fits ? side : 0;
    m_visible = fits ? std::move(visible) : std::vector<uint8_t>();
    m_image.image = {};
}

void MaskPlot::draw(Canvas &canvas, const QRectF &area, int row)
{
    const qreal edge = std::floor(std::min(area.width(), area.height()));
    if (m_side == 0 || !(edge > 2)) {
        m_rect = {};
        return;
    }
    m_rect = QRectF(area.topLeft(), QSizeF(edge, edge));
    if (m_image.image.isNull() || m_colour != canvas.theme().accent) {
        m_colour = canvas.theme().accent;
        m_image.image = QImage(m_side, m_side, QImage::Format_ARGB32);
        const QRgb seen = m_colour.rgba(), hidden = qRgba(0, 0, 0, 0);
        for (int y = 0; y < m_side; ++y) {
            auto *line = reinterpret_cast<QRgb *>(m_image.image.scanLine(y));
            for (int x = 0; x < m_side; ++x)
                line[x] = sees(y, x) ? seen : hidden;
        }
        ++m_image.version;
    }
    canvas.image(m_rect, m_image);
    canvas.rectangle(m_rect, canvas.theme().mutedText);
    if (row >= 0 && row < m_side) {
        const qreal cell = edge / m_side;
        canvas.rectangle(QRectF(m_rect.left(), m_rect.top() + row * cell, edge, cell).adjusted(-1, -1, 1, 1), canvas.theme().text, 1);
    }
}

} // namespace pretext
