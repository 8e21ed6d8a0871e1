// Colours that mean numbers: a diverging map whose neutral is zero, a perceptually even sequential one; and label and curve colours
// that colour-blind readers can tell apart.
#pragma once

#include <QColor>

#include <cstddef>

namespace pretext {

enum class ColourMap { diverging, sequential };

/// `share` in [0, 1], clamped; equal steps look equally far apart (OKLab).
QRgb colourAt(ColourMap map, double share);

/// A colour map over a range of values. A diverging one has its neutral at the middle of the range.
struct ColourScale
{
    ColourMap map = ColourMap::diverging;
    double low = -1, high = 1;
    bool percent = false; // its numbers are written as such

    /// Transparent where the value is NaN.
    QRgb colour(double value) const;
    /// The same of `count` values at once, for pictures of millions of them.
    void colours(const float *values, int count, QRgb *colours) const;
    friend bool operator==(const ColourScale &, const ColourScale &) = default;
};

constexpr int kLabelColours = 10;
/// Okabe and Ito's seven chromatic colours and three more; repeats after ten. Grey for a negative label: unknown.
QColor labelColour(int label);
constexpr size_t kCurveColours = 6;
/// Of Okabe and Ito's for curves, on each ground beginning with those that stand out on it; repeats after six.
QColor curveColour(size_t index, bool dark);

} // namespace pretext
