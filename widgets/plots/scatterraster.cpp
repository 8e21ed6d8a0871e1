#include "widgets/plots/scatterraster.h"

#include <QColor>
#include <QHash>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace pretext {

namespace {

constexpr double kOpacity = 0.88;                     // where many lie on each other, it shows
constexpr int kDarkerRim = 135;                       // percent, as QColor::darker takes it
constexpr double kFarSize = 0.55, kFarOpacity = 0.35; // of the farthest dots, as a share of the nearest's

using Stamp = std::vector<QRgb>; // a square of premultiplied pixels

/// Two tones, each pixel by the share of it that lies within the circle, to a pixel at its edge.
Stamp stampOf(QRgb colour, qreal radius, qreal opacity, int reach)
{
    const QColor inner = QColor::fromRgb(colour), rim = inner.darker(kDarkerRim);
    const qreal rimWidth = std::min(1., 0.3 * radius);
    Stamp stamp;
    for (int y = -reach; y <= reach; ++y)
        for (int x = -reach; x <= reach; ++x) {
            const qreal distance = std::hypot(x, y);
            const qreal cover = std::clamp(radius + 0.5 - distance, 0., 1.), inside = std::clamp(radius - rimWidth + 0.5 - distance, 0., 1.);
            const auto mixed = [&](int a, int b) { return int(std::lround(a * inside + b * (1 - inside))); };
            stamp.push_back(qPremultiply(qRgba(mixed(inner.red(), rim.red()), mixed(inner.green(), rim.green()), mixed(inner.blue(), rim.blue()),
                                               int(std::lround(255 * kOpacity * opacity * cover)))));
        }
    return stamp;
}

/// Premultiplied `above` over `below`; two of the four channels at a time.
QRgb over(QRgb above, QRgb below)
{
    const uint rest = 255 - qAlpha(above);
    const uint even = ((below & 0xff00ff) * rest + 0x800080) >> 8 & 0xff00ff, odd = ((below >> 8 & 0xff00ff) * rest + 0x800080) & 0xff00ff00;
    return above + (even | odd);
}

void press(QImage &image, const Stamp &stamp, int reach, int x, int y)
{
    const int side = 2 * reach + 1;
    const int left = std::max(0, x - reach), right = std::min(image.width() - 1, x + reach);
    for (int row = std::max(0, y - reach); row <= std::min(image.height() - 1, y + reach); ++row) {
        QRgb *pixels = reinterpret_cast<QRgb *>(image.scanLine(row));
        const QRgb *ink = stamp.data() + (row - y + reach) * side + reach - x;
        for (int column = left; column <= right; ++column)
            pixels[column] = over(ink[column], pixels[column]);
    }
}

/// Points by depth, the farthest first.
std::vector<size_t> drawingOrder(const Dots &dots)
{
    std::vector<size_t> order(dots.places.size());
    std::iota(order.begin(), order.end(), size_t(0));
    if (!dots.depths.empty())
        std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return dots.depths[a] < dots.depths[b]; });
    return order;
}

} // namespace

QImage drawDots(QSize size, const Dots &dots)
{
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    const int reach = int(std::ceil(dots.radius));
    const QRectF seen = QRectF(image.rect()).adjusted(-reach, -reach, reach, reach);
    QHash<std::pair<QRgb, int>, Stamp> stamps;
    for (const size_t i : drawingOrder(dots)) {
        const QPointF at = dots.places[i];
        if (!std::isfinite(at.x()) || !std::isfinite(at.y()) || !seen.contains(at))
            continue;
        const int depth = dots.depths.empty() ? Dots::kNearest : dots.depths[i];
        Stamp &stamp = stamps[{dots.colours[i], depth}];
        if (stamp.empty()) {
            const double near = double(depth) / Dots::kNearest;
            stamp = stampOf(dots.colours[i], dots.radius * (kFarSize + (1 - kFarSize) * near), kFarOpacity + (1 - kFarOpacity) * near, reach);
        }
        press(image, stamp, reach, int(std::floor(at.x())), int(std::floor(at.y())));
    }
    return image;
}

} // namespace pretext
