// The Dear ImGui end of the canvas: a draw list and the textures of its context.
#pragma once

#include "widgets/plots/canvas.h"

struct ImDrawList;

namespace pretext {

class TextureCache;

class ImGuiCanvas : public Canvas
{
public:
    ImGuiCanvas(ImDrawList &list, TextureCache &textures, const QSizeF &size, qreal ratio, const Theme &theme);

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
    ImDrawList &m_list;
    TextureCache &m_textures;
    QSizeF m_size;
    qreal m_ratio;
    Theme m_theme;
};

} // namespace pretext
