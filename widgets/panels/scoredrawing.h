// Tables of scores on a canvas: a share has its number over a bar, and a row that is a curve is drawn as one.
#pragma once

#include "core/analysis/scoretables.h"
#include "widgets/plots/canvas.h"

namespace pretext {

/// From the top of `area`, whose width it fills. Returns the height used, also where that is more than the area has.
qreal drawScores(Canvas &canvas, const QRectF &area, const ScoreTable &table);
/// That a table takes where nothing is shortened.
qreal scoresWidth(const Canvas &canvas, const ScoreTable &table);

QString scoresCsv(const std::vector<ScoreTable> &tables);
/// "encoder, dimension 256, label class, kNN-20 % 87.5, probe % 88.9."
QString scoresInWords(const ScoreTable &table);

} // namespace pretext
