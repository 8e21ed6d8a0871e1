// The QPainter end of the canvas: SVG, screenshots, and the view where no OpenGL context can be made.
#pragma once

#include "widgets/plots/canvas.h"

class QPainter;

namespace pretext {

class PainterCanvas : public Canvas
{
public:
    /// Draws at the painter's origin. The painter must outlive the canvas.
    PainterCanvas(QPainter &painter, const QSizeF &size, const Theme &theme);
    ~PainterCanvas() override;

    QSizeF size() const override { return m_size; }
    qreal devicePixelRatio() const override { return m_ratio; }
    const Theme &theme() const override { return m_theme; }
    void text(QPointF position, const QString &text, const QColor &colour, Align align, qreal scale) override;
    void textUp(QPointF position, const QString &text, const QColor &colour, qreal scale) override;
    void image(const QRectF &target, const CanvasImage &image, const QRectF &source) override;
    void clip(const QRectF &rect) override;
    void unclip() override;

protected:
    void fillPixels(const QRectF &rect, const QColor &colour) override;
    void slantedLine(QPointF from, QPointF to, const QColor &colour, qreal width) override;

private:
    QPainter &m_painter;
    QSizeF m_size;
    Theme m_theme;
    qreal m_ratio = 1;
    bool m_vector = false; // SVG, PDF: whoever shows the file scales the image, and may blur it
};

} // namespace pretext
