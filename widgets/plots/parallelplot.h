// Parallel coordinates (Inselberg 1985, "The plane with parallel coordinates"): an axis for each quantity, a line for each thing that has them. Ranges along axes
// are brushed, and what passes through all of them is chosen; axes are dragged to other places.
#pragma once

#include "widgets/plots/canvas.h"
#include "widgets/plots/colourmap.h"

#include <QStringList>

#include <map>
#include <optional>
#include <vector>

namespace pretext {

struct ParallelAxis
{
    QString name;
    std::vector<double> values; // one for each line; NaN: it has none, and passes a tick of its own
    QStringList names = {};     // of choices, of which the values are numbers; empty: the values speak for themselves
    bool logarithmic = false, percent = false;
};

class ParallelPlot
{
public:
    /// `colours`: a value of the scale for each line, NaN: grey. Order and brushes of axes that were there before stay.
    void setLines(std::vector<ParallelAxis> axes, std::vector<double> colours, const ColourScale &scale, const QString &scaleTitle);
    int lines() const { return int(m_colours.size()); }
    /// As they are shown, from the left.
    const ParallelAxis &axis(int place) const { return m_axes[size_t(place)]; }
    int axes() const { return int(m_axes.size()); }
    /// A value in words, as the ticks have it.
    QString valueText(int axis, int line) const;

    /// Lines that are in front where nothing is brushed; empty: all.
    void mark(std::vector<bool> lines);
    bool isBrushed() const { return !m_brushes.empty(); }
    /// Through a brush of each axis that has any; ends count.
    bool passes(int line) const;
    void clearBrushes();

    void place(const QRectF &area, const Canvas &canvas);
    void draw(Canvas &canvas, int hovered);
    /// Where a line meets an axis.
    QPointF point(int axis, int line) const;
    /// The nearest of those in front, within a few pixels; -1: none.
    int lineAt(QPointF position) const;
    /// What is under a pointer that may drag it; for its shape.
    bool isOnAxis(QPointF position) const { return axisAt(position) >= 0; }

    /// Along an axis: brushes; from within a brush: moves it; of an axis' name: moves the axis.
    void drag(QPointF from, QPointF to);
    void release() { m_drag.reset(); }
    /// Takes the brushes of that axis away, off all axes all.
    void clearAt(QPointF position);

private:
    static constexpr double kNoValue = -1; // in place of a share
    static constexpr qreal kGrip = 9;      // pixels beside an axis that belong to it
    struct Brush
    {
        double low = 0, high = 1; // shares of the axis; kNoValue: those without a value
        bool operator==(const Brush &) const = default;
    };
    struct Scale
    {
        double low = 0, high = 1;
        bool lacks = false; // some line has no value
    };
    struct Drag
    {
        QPointF from;
        int axis = -1; // -1: none is dragged
        bool moves = false, ofName = false;
        size_t brush = 0;
        Brush before = {};
    };

    double shareOf(size_t axis, double value) const;
    double shareAt(size_t axis, qreal y) const;
    qreal heightOf(double share) const;
    qreal placeOf(size_t axis) const;
    int axisAt(QPointF position) const;
    int nameAt(QPointF position) const;
    void beginDrag(QPointF from);
    bool isInFront(int line) const;
    QRgb colourOf(int line, const Theme &theme) const;
    std::vector<std::pair<double, QString>> ticksOf(size_t axis) const;
    void drawLines(Canvas &canvas);
    void drawImage(Canvas &canvas);
    void drawAxis(Canvas &canvas, size_t axis) const;

    std::vector<ParallelAxis> m_axes;
    std::vector<Scale> m_scales;
    std::vector<double> m_colours;
    ColourScale m_scale;
    QString m_scaleTitle;
    std::vector<bool> m_marked;
    std::map<QString, std::vector<Brush>> m_brushes; // by the axis' name
    std::optional<Drag> m_drag;
    QRectF m_area, m_plot;
    qreal m_line = 12;      // a small line of text
    bool m_twoRows = false; // of names
    CanvasImage m_image{newImageKey(), 0, {}};
    QSize m_imageSize;
    bool m_stale = true; // the image
};

} // namespace pretext
