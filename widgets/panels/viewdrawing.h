// A view of the batch as its kind of data is shown: a picture, or lines. (Sentences are words: sentencepairs.h.)
#pragma once

#include "widgets/panels/batchview.h"
#include "widgets/plots/canvas.h"

namespace pretext {

/// The view's picture, sharp, or its drawing; returns where. Empty where there is neither.
QRectF drawView(Canvas &canvas, const QRectF &area, const BatchView &batch, int row);
/// Lines in the square, fitted to the area, which is framed.
void drawLines(Canvas &canvas, const QRectF &area, const Drawing &drawing);
/// Side of a tile for the batch's views, near to `wish`.
qreal viewSide(qreal wish, const BatchView &batch, int row, qreal devicePixelRatio);

} // namespace pretext
