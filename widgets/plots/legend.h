// A swatch and a name each, in as many lines as they need.
#pragma once

#include "widgets/plots/canvas.h"

#include <vector>

namespace pretext {

struct LegendEntry
{
    QString name;
    QColor colour;
    bool outline = false; // a line instead of a square
};

/// From the top left of the area; returns the height.
qreal drawLegend(Canvas &canvas, const QRectF &area, const std::vector<LegendEntry> &entries);

} // namespace pretext
