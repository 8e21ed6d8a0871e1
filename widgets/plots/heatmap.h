// A matrix as colours: one texture of the cells in view, made again only when values, scale or level change or others come into view. Zooms
// and pans. Where the map has more cells than pixels, a pixel shows that of k x k cells which lies farthest from the mean, so that no outlier
// is lost; cellsPerPixel() says so.
#pragma once

#include "widgets/plots/canvas.h"
#include "widgets/plots/colourmap.h"

#include <optional>
#include <vector>

namespace pretext {

struct HeatCell
{
    int row = 0, column = 0;
    friend bool operator==(const HeatCell &, const HeatCell &) = default;
};

class HeatMap
{
public:
    /// Row-major, in the order shown; NaN stays blank. Another size resets the view. Throws std::invalid_argument where sizes do not fit.
    void setValues(int rows, int columns, std::vector<float> values);
    void setScale(const ColourScale &scale);
    /// A colour for each row along the left edge and for each column along the top (square maps); empty: none.
    void setBands(const std::vector<QRgb> &colours);

    /// What another map, made on another thread, was given; place and view stay. `other` gets what was here before.
    void takeContent(HeatMap &other);
    /// What a texture shows: texels of level x level cells, those of `texels` among all that the map has at that level. Level 0: nothing yet.
    struct Part
    {
        int level = 0;
        QRect texels;
    };
    /// Makes the texture ahead of drawing, for a part that another map's part() told.
    void makeImage(const Part &part);
    const Part &part() const { return m_part; }

    int rows() const { return m_rows; }
    int columns() const { return m_columns; }
    const std::vector<float> &values() const { return m_values; } // row-major
    float value(HeatCell cell) const { return m_values[size_t(cell.row) * m_columns + cell.column]; }
    const ColourScale &scale() const { return m_scale; }

    /// Takes the largest place with square cells at the top left of `area`, bands included.
    void place(const QRectF &area, qreal devicePixelRatio);
    void draw(Canvas &canvas);
    QRectF rect() const { return m_rect; } // of the cells, without bands
    QRectF cellRect(HeatCell cell) const;
    std::optional<HeatCell> cellAt(QPointF position) const;
    /// k where a pixel shows k x k cells; 1 where each cell has a pixel at least.
    int cellsPerPixel() const;

    void zoom(QPointF at, qreal factor);
    void pan(QPointF change);
    void resetView();
    /// The cells in view; another map's of as many cells can be taken over.
    const QRectF &view() const { return m_view; }
    void setView(const QRectF &view);
    /// Moves the view, if it is zoomed in, so that the cell is in it.
    void reveal(HeatCell cell);

private:
    Part partInView() const;
    void colourTexels(int row, int first, int count, int level, QRgb *colours) const;
    void clampView();
    void drawBands(Canvas &canvas);
    void drawHatching(Canvas &canvas) const;

    int m_rows = 0, m_columns = 0;
    std::vector<float> m_values;
    ColourScale m_scale;
    QRectF m_rect, m_view; // on the canvas; in cells
    qreal m_ratio = 1, m_bandWidth = 0;
    CanvasImage m_image{newImageKey(), 0, {}}, m_rowBand{newImageKey(), 0, {}}, m_columnBand{newImageKey(), 0, {}};
    Part m_part; // in m_image
    double m_mean = 0;
    bool m_blanks = false;
};

} // namespace pretext
