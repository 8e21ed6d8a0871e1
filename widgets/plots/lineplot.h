// Curves over two named axes, each straight or logarithmic: a spectrum, a course over steps, a path in a plane.
#pragma once

#include "widgets/plots/canvas.h"

#include <vector>

namespace pretext {

struct LineSeries
{
    QString name; // in the legend; empty: not there
    QColor colour;
    std::vector<QPointF> points; // a coordinate that is no number, or has no place on its axis, interrupts the line
    qreal width = 2;
    qreal dot = 0; // side of a square at each point; 0: none
};

struct LineAxis
{
    QString title;
    bool logarithmic = false;
    bool fromZero = false; // zero is on it
    double least = 0;      // the smallest extent, so that a constant is not drawn as noise; of a logarithmic axis a factor
};

/// A line at a height, with its words at the right; or at a place of the first axis, with them at the top.
struct LineMark
{
    double at = 0;
    QString name;
    bool upright = false;
};

/// Title, legend and plot from the top of the area; axes reach over all finite points. Nothing is drawn where there is no room.
void drawLines(Canvas &canvas, const QRectF &area, const QString &title, const LineAxis &x, const LineAxis &y, const std::vector<LineSeries> &series,
               const std::vector<LineMark> &marks = {});

} // namespace pretext
