// How View pairs shows two views of a sentence: the selected pair as two strips of tokens with what was done to each, all pairs as lines.
#pragma once

#include "widgets/panels/batchview.h"
#include "widgets/plots/tokenstrip.h"

namespace pretext {

/// "dropout 0.1; 2 tokens deleted (the, lord)", of a row of the batch; empty where it has no tokens.
QString sentenceDeed(const BatchView &batch, int row);

class SentencePairs
{
public:
    /// From the top of the area; `cosine` is the pair's, in words.
    void drawLarge(Canvas &canvas, QRectF area, const BatchView &batch, int pair, const QString &cosine);
    void drawTile(Canvas &canvas, const QRectF &area, const BatchView &batch, int pair, const QString &cosine) const;
    qreal tileHeight(const Canvas &canvas) const;
    /// True where one of the strips lies there.
    bool scroll(QPointF at, qreal pixels);

private:
    void drawStrip(Canvas &canvas, QRectF &rest, int view, qreal height, const BatchView &batch, int row);

    TokenStrip m_strips[2];
};

} // namespace pretext
