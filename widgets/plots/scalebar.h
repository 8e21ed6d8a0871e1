// The legend of a colour scale: a bar and its numbers.
#pragma once

#include "widgets/plots/colourmap.h"

#include <QRectF>

namespace pretext {

class Canvas;

/// Width that the bar and its numbers need.
qreal scaleBarWidth(const Canvas &canvas, const ColourScale &scale);
/// A scale over one value alone is of one colour, with that value. High values at the top; a zero on a diverging scale is marked across the bar.
void drawScaleBar(Canvas &canvas, const QRectF &area, const ColourScale &scale);

} // namespace pretext
