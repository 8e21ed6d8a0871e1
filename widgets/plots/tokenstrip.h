// Tokens in lines that wrap: a box a token, marked by what was done to it and tinted by a number. Several lanes (given, rebuilt, original)
// wrap together, so that what belongs together stands one below the other.
#pragma once

#include "widgets/plots/canvas.h"
#include "widgets/plots/colourmap.h"

#include <QStringList>

#include <utility>
#include <vector>

namespace pretext {

/// Told apart by shape as well as by colour.
enum class TokenMark {
    none,
    special,   // muted: [CLS], [SEP]
    masked,    // strong frame on a shade
    replaced,  // frame
    unchanged, // dashed frame
    inserted,  // dashed frame, of another colour
    moved,     // corners
    deleted,   // struck through
    differs,   // thick underline
    generated, // thin underline
};

struct StripCell
{
    QString text; // a piece as the tokenizer writes it: "▁the"
    TokenMark mark = TokenMark::none;
    QColor tint = {};    // of the box; invalid: none
    bool absent = false; // nothing stands in this lane here
};

class TokenStrip
{
public:
    /// `lanes`: their names, written at the left; none: one lane without a name. Cells of a column beyond the lanes are not shown.
    void setContent(const QStringList &lanes, std::vector<std::vector<StripCell>> columns);
    void setScale(qreal scale) { m_scale = scale; } // of the text

    /// Breaks the columns into lines as wide as `area`. Call it before draw, and whenever the canvas may have changed.
    void place(const Canvas &canvas, const QRectF &area);
    void draw(Canvas &canvas, int hovered = -1, int selected = -1) const;

    int lanes() const { return int(m_lanes.size()); }
    int columns() const { return int(m_columns.size()); }
    const std::vector<StripCell> &column(int index) const { return m_columns[index]; }
    const QRectF &area() const { return m_area; }
    qreal contentHeight() const;                   // of all lines; more than the area's where it scrolls
    QRectF box(int column, int lane = 0) const;    // may lie outside of the area
    QRectF columnRect(int column) const;           // all lanes
    int columnAt(QPointF position) const;          // -1: none
    int columnInLine(int column, int lines) const; // the nearest one so many lines further down; itself where there is no such line

    void scroll(qreal pixels); // positive: towards the end
    void reveal(int column);

private:
    struct Place
    {
        qreal x, width;
        int line;
    };

    qreal cellWidth(const Canvas &canvas, const StripCell &cell) const;
    void drawCell(Canvas &canvas, const QRectF &box, const StripCell &cell) const;
    void drawScrollBar(Canvas &canvas) const;

    QStringList m_lanes{QString()};
    std::vector<std::vector<StripCell>> m_columns;
    std::vector<Place> m_places;
    QRectF m_area;
    qreal m_scale = 1, m_gutter = 0, m_cellHeight = 1, m_lineHeight = 1, m_offset = 0;
    int m_lines = 0;
};

/// A piece with calm signs where words start, from the left; no wider than `widest`, if that is not 0. Returns its width.
qreal drawPiece(Canvas &canvas, QPointF middleLeft, const QString &piece, const QColor &colour, qreal scale = 1, qreal widest = 0);
qreal pieceWidth(const Canvas &canvas, const QString &piece, qreal scale = 1);

/// A sample of each mark and its name, in as many lines as they need. Returns their height; draws nothing where `canvas` is only to be measured.
qreal drawMarkLegend(Canvas &canvas, const QRectF &area, const std::vector<std::pair<TokenMark, QString>> &marks, bool measureOnly = false);
/// A horizontal bar of the scale's colours between its two numbers, with its title before it: the legend of a tint.
void drawTintLegend(Canvas &canvas, const QRectF &area, const ColourScale &scale, const QString &title);
/// Black or white, whichever is read better on it.
QColor inkOn(const QColor &tint);

} // namespace pretext
