#include "widgets/plots/imagegrid.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr qreal kScrollBar = 6;

} // namespace

QRectF sharpPlace(const QRectF &area, QSize image, qreal devicePixelRatio)
{
    if (image.isEmpty() || !(area.width() > 0 && area.height() > 0))
        return {};
    qreal scale = std::min(area.width() / image.width(), area.height() / image.height());
    const qreal pixels = std::floor(scale * devicePixelRatio);
    if (pixels >= 1)
        scale = pixels / devicePixelRatio;
    const QSizeF size = QSizeF(image) * scale;
    const auto whole = [devicePixelRatio](qreal x) { return std::floor(x * devicePixelRatio) / devicePixelRatio; };
    return QRectF(QPointF(whole(area.center().x() - size.width() / 2), whole(area.center().y() - size.height() / 2)), size);
}

qreal sharpSide(qreal wish, QSize image, qreal devicePixelRatio)
{
    const qreal side = std::max(image.width(), image.height()) / devicePixelRatio;
    if (side <= 0 || side > 1.5 * wish)
        return wish;
    return side * std::max(1., std::round(wish / side));
}

QRectF drawSharp(Canvas &canvas, const QRectF &area, const CanvasImage &image)
{
    const QRectF place = sharpPlace(area, image.image.size(), canvas.devicePixelRatio());
    if (!place.isEmpty())
        canvas.image(place, image);
    return place;
}

void ImageGrid::place(const QRectF &area, int count, qreal tileWidth, qreal tileHeight)
{
    m_area = area;
    m_count = count;
    m_columns = std::max(1, int((area.width() - kScrollBar) / std::max(1., tileWidth)));
    m_tileWidth = std::max(1., (area.width() - kScrollBar) / m_columns);
    m_tileHeight = std::max(1., tileHeight);
    scroll(0);
}

qreal ImageGrid::contentHeight() const
{
    return (m_count + m_columns - 1) / m_columns * m_tileHeight;
}

int ImageGrid::firstVisible() const
{
    return std::min(m_count, int(m_offset / m_tileHeight) * m_columns);
}

int ImageGrid::endVisible() const
{
    return m_area.height() <= 0 ? 0 : std::min(m_count, int(std::ceil((m_offset + m_area.height()) / m_tileHeight)) * m_columns);
}

QRectF ImageGrid::tile(int index) const
{
    return QRectF(m_area.left() + index % m_columns * m_tileWidth, m_area.top() + index / m_columns * m_tileHeight - m_offset, m_tileWidth, m_tileHeight);
}

int ImageGrid::tileAt(QPointF position) const
{
    if (!m_area.contains(position))
        return -1;
    const int column = int((position.x() - m_area.left()) / m_tileWidth);
    const int index = int((position.y() - m_area.top() + m_offset) / m_tileHeight) * m_columns + column;
    return column < m_columns && index < m_count ? index : -1;
}

void ImageGrid::scroll(qreal pixels)
{
    m_offset = std::clamp(m_offset + pixels, 0., std::max(0., contentHeight() - m_area.height()));
}

void ImageGrid::reveal(int index)
{
    const qreal top = index / m_columns * m_tileHeight;
    if (top < m_offset || m_area.height() < m_tileHeight)
        scroll(top - m_offset);
    else if (top + m_tileHeight > m_offset + m_area.height())
        scroll(top + m_tileHeight - m_offset - m_area.height());
}

int ImageGrid::rowsShown() const
{
    return std::max(1, int(m_area.height() / m_tileHeight));
}

void ImageGrid::drawScrollBar(Canvas &canvas) const
{
    const qreal content = contentHeight();
    if (content <= m_area.height() || m_area.height() <= 0)
        return;
    const qreal length = std::max(12., m_area.height() * m_area.height() / content);
    const qreal top = m_area.top() + (m_area.height() - length) * m_offset / (content - m_area.height());
    canvas.fill(QRectF(m_area.right() - kScrollBar + 2, top, kScrollBar - 2, length), canvas.theme().mutedText);
}

} // namespace pretext
