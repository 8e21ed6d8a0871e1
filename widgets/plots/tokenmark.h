// How a token's mark looks: around a box of the strip, and in the legend.
#pragma once

#include "widgets/plots/tokenstrip.h"

namespace pretext {

/// Behind the text.
void drawMarkShade(Canvas &canvas, const QRectF &box, TokenMark mark);
/// Around, under or across the text.
void drawMark(Canvas &canvas, const QRectF &box, TokenMark mark);

} // namespace pretext
