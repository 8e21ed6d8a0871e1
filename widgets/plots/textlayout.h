// Text that fits: elided, wrapped, centred; and how plots write numbers.
#pragma once

#include "widgets/plots/canvas.h"

#include <QStringList>

#include <vector>

namespace pretext {

inline constexpr qreal kSmall = 0.85; // of the theme's font, for what is read second

qreal lineHeight(const Canvas &canvas, qreal scale = 1);
QString elided(const Canvas &canvas, const QString &text, qreal width, qreal scale = 1);
/// Lines no wider than `width`; the last of `maxLines` is elided where there is more.
QStringList wrapped(const Canvas &canvas, const QString &text, qreal width, int maxLines, qreal scale = 1);
/// Wrapped text from the top of `rect`, cut to its height. Returns the height used.
qreal drawWrapped(Canvas &canvas, const QRectF &rect, const QString &text, const QColor &colour, qreal scale = 1);
/// A sentence in the middle of the canvas: what an empty panel waits for.
void drawMessage(Canvas &canvas, const QString &text);

/// Three significant digits, with a true minus sign; a dash for NaN.
QString numberText(double value, int digits = 3);
/// As many decimals as asked for, so that a column of numbers lines up.
QString decimalText(double value, int decimals = 3);
QString percentText(double share);
/// About `count` round numbers from low to high, both included where round.
std::vector<double> roundTicks(double low, double high, int count);
/// The smallest of 1, 2, 5 times a power of ten that is not below `value`; 1 for what is not positive.
double roundedUp(double value);

} // namespace pretext
