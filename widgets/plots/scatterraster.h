// Thousands of dots as one picture: a canvas draws an image faster than twenty thousand primitives, and an image that did not change costs it
// nothing more. Each dot is a small stamp, laid over those before it, with a darker rim that tells it from its neighbours.
#pragma once

#include <QImage>
#include <QPointF>
#include <QRgb>

#include <vector>

namespace pretext {

struct Dots
{
    std::vector<QPointF> places; // device pixels of the picture; those beyond it are left out, and what is not finite
    std::vector<QRgb> colours;   // one each
    qreal radius = 3;            // device pixels
    /// Of points in space, 0 (the farthest, small and faint) .. kNearest, which are laid over those behind them; none: all are near.
    std::vector<uint8_t> depths = {};
    static constexpr int kNearest = 7;
};

QImage drawDots(QSize size, const Dots &dots);

} // namespace pretext
