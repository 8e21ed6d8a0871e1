// How View pairs shows the views of an image: the original with their crops as outlines, and the views; large with all its words, or as a tile.
#pragma once

#include "widgets/panels/batchview.h"
#include "widgets/plots/canvas.h"

namespace pretext {

/// "View 1: crop 64 %, flipped", of a row of the batch, an image's or a sentence's.
QString deedOf(const BatchView &batch, int row);

/// How the original and the views of a sample stand, as squares; of clips each as a square for every frame, one beside the other.
struct PictureGrid
{
    int columns = 1;
    qreal side = 0;
    int frames = 1;
    qreal width() const { return frames * side; } // of a picture
};
/// In which they are largest within the room.
PictureGrid largestGrid(const BatchView &batch, const QSizeF &room, qreal gap);

/// With its words beside it; `cosine` is the pair's, in words.
void drawLargePair(Canvas &canvas, const QRectF &area, const PictureGrid &grid, const BatchView &batch, int pair, const QString &cosine);
/// Lines of words of a tile, where each of two views' has so many.
int pairTileLines(const BatchView &batch, int ofView);
/// The original and the views, each of the side `image`, and the words beside them, or shortened `below`.
void drawPairTile(Canvas &canvas, const QRectF &area, const BatchView &batch, int pair, const QString &cosine, qreal image, bool below);

} // namespace pretext
