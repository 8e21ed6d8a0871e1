// The maps are straight or broken lines through OKLab (Ottosson 2020), walked at even speed, so that equal differences look equal.
#include "widgets/plots/colourmap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace pretext {

namespace {

constexpr int kSteps = 1024;
using Table = std::array<QRgb, kSteps>;
struct Lab
{
    double L, a, b;
};

double toLinear(double c)
{
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}
double toGamma(double c)
{
    return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
}

Lab toLab(QRgb colour)
{
    const double r = toLinear(qRed(colour) / 255.), g = toLinear(qGreen(colour) / 255.), b = toLinear(qBlue(colour) / 255.);
    const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

QRgb toRgb(const Lab &lab)
{
    const double l = std::pow(lab.L + 0.3963377774 * lab.a + 0.2158037573 * lab.b, 3);
    const double m = std::pow(lab.L - 0.1055613458 * lab.a - 0.0638541728 * lab.b, 3);
    const double s = std::pow(lab.L - 0.0894841775 * lab.a - 1.2914855480 * lab.b, 3);
    const auto byte = [](double c) { return int(std::lround(255 * toGamma(std::clamp(c, 0., 1.)))); };
    return qRgb(byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s), byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

double distance(const Lab &a, const Lab &b)
{
    return std::hypot(a.L - b.L, a.a - b.a, a.b - b.b);
}

/// Even steps along the broken line through `colours`.
Table walk(const std::vector<QRgb> &colours)
{
    std::vector<Lab> points;
    std::vector<double> reached{0};
    for (QRgb colour : colours) {
        points.push_back(toLab(colour));
        if (points.size() > 1)
            reached.push_back(reached.back() + distance(points[points.size() - 2], points.back()));
    }
    Table table;
    size_t segment = 1;
    for (int i = 0; i < kSteps; ++i) {
        const double at = reached.back() * i / (kSteps - 1);
        while (segment + 1 < points.size() && at > reached[segment])
            ++segment;
        const double t = (at - reached[segment - 1]) / (reached[segment] - reached[segment - 1]);
        const Lab &p = points[segment - 1], &q = points[segment];
        table[i] = toRgb({p.L + t * (q.L - p.L), p.a + t * (q.a - p.a), p.b + t * (q.b - p.b)});
    }
    return table;
}

const Table &tableOf(ColourMap map)
{
    static const Table diverging = walk({0xff1d4f9e, 0xfff3f3f1, 0xffa62a17});
    static const Table sequential = walk({0xff23123f, 0xff3a4a8c, 0xff21868b, 0xff6cbd62, 0xfff6ea5e});
    return map == ColourMap::diverging ? diverging : sequential;
}

int stepOf(double share)
{
    return int(std::clamp(share, 0., 1.) * (kSteps - 1) + 0.5);
}

} // namespace

QRgb colourAt(ColourMap map, double share)
{
    return tableOf(map)[stepOf(share)];
}

QRgb ColourScale::colour(double value) const
{
    if (std::isnan(value))
        return qRgba(0, 0, 0, 0);
    return colourAt(map, high > low ? (value - low) / (high - low) : 0.5);
}

void ColourScale::colours(const float *values, int count, QRgb *colours) const
{
    const Table &table = tableOf(map);
    const double range = high - low;
    for (int i = 0; i < count; ++i)
        colours[i] = std::isnan(values[i]) ? qRgba(0, 0, 0, 0) : table[stepOf(range > 0 ? (values[i] - low) / range : 0.5)];
}

QColor labelColour(int label)
{
    static const QRgb colours[kLabelColours] = {0xffe69f00, 0xff56b4e9, 0xff009e73, 0xfff0e442, 0xff0072b2,
                                                0xffd55e00, 0xffcc79a7, 0xff8c1c2e, 0xff5a3ec8, 0xffb0b0b0};
    return label < 0 ? QColor(128, 128, 128) : QColor::fromRgb(colours[label % kLabelColours]);
}

QColor curveColour(size_t index, bool dark)
{
    // Okabe and Ito (2008); yellow and black vanish on one of the two grounds.
    static const QColor onLight[kCurveColours] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
    static const QColor onDark[kCurveColours] = {"#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2"};
    return (dark ? onDark : onLight)[index % kCurveColours];
}

} // namespace pretext
