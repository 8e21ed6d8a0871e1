// What plots draw through: lines, rectangles, text and images, in logical pixels. Two ends implement it, Dear ImGui's draw list and
// QPainter, so every plot is also an SVG and is shown where no OpenGL context can be made.
#pragma once

#include "widgets/plots/theme.h"

#include <QImage>
#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QString>

namespace pretext {

/// An image on its way to a texture: `key` identifies it, `version` says whether an uploaded copy is still good.
struct CanvasImage
{
    quint64 key = 0, version = 0;
    QImage image;
};
/// A key that no other caller was given.
quint64 newImageKey();

enum class Align { left, centre, right };

class Canvas
{
public:
    virtual ~Canvas() = default;
    virtual QSizeF size() const = 0;
    virtual qreal devicePixelRatio() const = 0;
    virtual const Theme &theme() const = 0;

    /// Horizontal and vertical lines, outlines (drawn inside `rect`) and fills cover whole device pixels, in both ends the same ones.
    void line(QPointF from, QPointF to, const QColor &colour, qreal width = 1);
    void rectangle(const QRectF &rect, const QColor &colour, qreal width = 1);
    void fill(const QRectF &rect, const QColor &colour);
    /// Text whose vertical middle is at position.y; `scale` of the theme's font size.
    virtual void text(QPointF position, const QString &text, const QColor &colour, Align align = Align::left, qreal scale = 1) = 0;
    /// The same, turned to be read upwards: its horizontal middle is at position.x, it begins at position.y.
    virtual void textUp(QPointF position, const QString &text, const QColor &colour, qreal scale = 1) = 0;
    qreal textWidth(const QString &text, qreal scale = 1) const;
    /// Nearest-neighbour scaling, never blurred. `source` in the image's pixels; empty: all.
    virtual void image(const QRectF &target, const CanvasImage &image, const QRectF &source = {}) = 0;
    /// Nested clips intersect.
    virtual void clip(const QRectF &rect) = 0;
    virtual void unclip() = 0;

protected:
    virtual void fillPixels(const QRectF &rect, const QColor &colour) = 0; // edges on device pixels
    virtual void slantedLine(QPointF from, QPointF to, const QColor &colour, qreal width) = 0;
};

} // namespace pretext
