// Points in the plane, each with a colour, with equal units on both axes. Zooms and pans. The dots are one image, made again only when points,
// view, size or their radius change: what hovers is drawn over it.
#pragma once

#include "widgets/plots/canvas.h"

#include <QPolygonF>

#include <optional>
#include <vector>

namespace pretext {

class Scatter
{
public:
    /// A colour each; points that are not finite are left out. The view that shows all follows only where the points leave it, or would have room
    /// in half of it, so that small changes do not move everything. Throws std::invalid_argument where sizes differ.
    /// `depths`: those that are laid over the others, larger and stronger, as near points in space are (see scatterraster.h); none: all alike.
    void setPoints(std::vector<QPointF> points, std::vector<QRgb> colours, std::vector<uint8_t> depths = {});
    /// Of points in space, seen from one side: how near each is (see scatterraster.h), and where all of them stay however they are turned.
    struct Space
    {
        std::vector<uint8_t> depths;
        QRectF home;
    };
    void setPoints(std::vector<QPointF> points, std::vector<QRgb> colours, Space space);
    /// `brief` is written where the name has no room.
    struct AxisName
    {
        QString name, brief;
    };
    void setAxes(const AxisName &x, const AxisName &y);
    /// Axes that measure nothing have neither numbers nor lines; `foot` is written below.
    void setNoAxes(const AxisName &foot);
    void clear();

    int count() const { return int(m_points.size()); }

    /// Takes the area, with numbers and names of the axes at its left and foot.
    void place(const QRectF &area, const Canvas &canvas);
    void draw(Canvas &canvas);
    const QRectF &rect() const { return m_rect; } // of the dots
    qreal radius() const { return m_radius; }     // of a dot, logical pixels

    /// Where the point is drawn; nothing where it is not finite or out of sight.
    std::optional<QPointF> position(int point) const;
    QPointF placeOf(QPointF point) const { return toCanvas(point); } // of any point, in sight or not
    /// The point nearest to a position, within so many pixels; -1: none.
    int nearest(QPointF position, qreal within) const;
    /// The nearest point that lies that way of another, `direction` being (1, 0), (-1, 0), (0, 1) or (0, -1) on the canvas: within 45 degrees of it,
    /// and at least so many pixels on. -1: none.
    int next(int from, QPointF direction, qreal atLeast = 0) const;
    /// Those that are drawn, in their order; within an outline on the canvas, where there is one.
    std::vector<int> seen(const QPolygonF &outline = {}) const;

    void zoom(QPointF at, qreal factor);
    void pan(QPointF change);
    void resetView();
    /// Side by side with another: what shows all shows all of its points, too; and the same is in view.
    void widen(const Scatter &other);
    void setViewOf(const Scatter &other);
    /// Moves the view, where it has to, so that the point is in it.
    void reveal(int point);

private:
    void adopt(std::vector<QPointF> points, std::vector<QRgb> colours, std::vector<uint8_t> depths, const QRectF &home);
    void fitHome(bool anew);
    void clampView();
    qreal scale() const; // logical pixels a unit
    QPointF toCanvas(QPointF point) const;
    QPointF toPoint(QPointF position) const;
    void makeImage(qreal ratio);
    void drawAxes(Canvas &canvas) const;

    std::vector<QPointF> m_points;
    std::vector<QRgb> m_colours;
    std::vector<uint8_t> m_depths; // empty: all are near
    AxisName m_x, m_y;
    bool m_measured = true;      // whether the axes have numbers
    QRectF m_home{-1, -1, 2, 2}; // what shows all
    QPointF m_centre;
    qreal m_zoom = 1; // of what shows all
    QRectF m_rect;
    qreal m_radius = 3;

    struct Drawn
    {
        QRectF rect;
        QPointF centre;
        qreal scale = 0, radius = 0, ratio = 0;
        friend bool operator==(const Drawn &, const Drawn &) = default;
    };
    Drawn m_drawn; // what the image was made for; scale 0: nothing
    CanvasImage m_image{newImageKey(), 0, {}};
};

/// A circle's outline.
void drawRing(Canvas &canvas, QPointF centre, qreal radius, const QColor &colour, qreal width);

} // namespace pretext
