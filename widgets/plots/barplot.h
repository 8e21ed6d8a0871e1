// Shares of named bins as bars, with both axes named.
#pragma once

#include "widgets/plots/canvas.h"

#include <vector>

namespace pretext {

struct Bar
{
    QString name;
    double share = 0; // of 1; NaN: nothing is known, and no bar is drawn
};

/// The vertical axis goes to the next round number above the largest share. Names that would overlap are left out.
void drawBars(Canvas &canvas, const QRectF &area, const std::vector<Bar> &bars, const QString &title, const QString &axisTitle);

/// A bar of a share of 1 in a track of the full width.
void drawShare(Canvas &canvas, const QRectF &track, double share, const QColor &colour);

} // namespace pretext
