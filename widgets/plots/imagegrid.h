// Tiles in columns that scroll: where each tile lies, which ones show, and images drawn sharp.
#pragma once

#include "widgets/plots/canvas.h"

namespace pretext {

/// The largest place for an image of this size in `area`, at a whole number of device pixels a pixel where that fits; centred.
QRectF sharpPlace(const QRectF &area, QSize image, qreal devicePixelRatio);
/// Side of a tile for images of this size near to `wish`, so that they come out sharp; `wish` itself for large images.
qreal sharpSide(qreal wish, QSize image, qreal devicePixelRatio);
/// Draws it there, and returns where.
QRectF drawSharp(Canvas &canvas, const QRectF &area, const CanvasImage &image);

class ImageGrid
{
public:
    /// Lays `count` tiles out in `area`: as many columns as tiles of `tileWidth` fit, all of `tileHeight`.
    void place(const QRectF &area, int count, qreal tileWidth, qreal tileHeight);

    int columns() const { return m_columns; }
    int firstVisible() const;
    int endVisible() const;
    QRectF tile(int index) const;       // may lie outside of the area
    int tileAt(QPointF position) const; // -1: none
    const QRectF &area() const { return m_area; }

    void scroll(qreal pixels); // positive: towards the end
    qreal offset() const { return m_offset; }
    void reveal(int index);
    int rowsShown() const;
    void drawScrollBar(Canvas &canvas) const;

private:
    qreal contentHeight() const;

    QRectF m_area;
    int m_count = 0, m_columns = 1;
    qreal m_tileWidth = 1, m_tileHeight = 1, m_offset = 0;
};

} // namespace pretext
