// Distributions over one axis, each as its shares: filled bars or an outline, with its mean marked.
#pragma once

#include "widgets/plots/canvas.h"

#include <limits>
#include <vector>

namespace pretext {

struct HistogramSeries
{
    QString name;
    QColor colour;
    std::vector<double> shares; // of each bin; they sum to 1 where there is anything
    double mean = std::numeric_limits<double>::quiet_NaN();
    bool outline = false;
};

/// Shares of `values` in equal bins from low to high, weighted where `weights` are given; NaN is left out, values beyond the ends count in the
/// outermost bins. Also gives the mean.
HistogramSeries binned(const std::vector<float> &values, const std::vector<float> &weights, double low, double high, int bins);

/// The axis of shares reaches `least` at least: that of another histogram beside it.
void drawHistogram(Canvas &canvas, const QRectF &area, double low, double high, const QString &axisTitle, const std::vector<HistogramSeries> &series,
                   double least = 0);
/// Up to which share its axis goes.
double tallest(const std::vector<HistogramSeries> &series);

} // namespace pretext
