#include "widgets/imguiview/imguicanvas.h"

#include "widgets/imguiview/texturecache.h"
#include "widgets/plots/fontmeasure.h"

#include <imgui.h>

#include <cmath>

namespace pretext {

namespace {

ImVec2 vec(QPointF p)
{
    return ImVec2(float(p.x()), float(p.y()));
}

ImU32 packed(const QColor &colour)
{
    return IM_COL32(colour.red(), colour.green(), colour.blue(), colour.alpha());
}

ImTextureID handle(const Texture &texture)
{
    return reinterpret_cast<ImTextureID>(quintptr(texture.id));
}

} // namespace

ImGuiCanvas::ImGuiCanvas(ImDrawList &list, TextureCache &textures, const QSizeF &size, qreal ratio, const Theme &theme)
    : m_list(list)
    , m_textures(textures)
    , m_size(size)
    , m_ratio(ratio)
    , m_theme(theme)
{
}

void ImGuiCanvas::fillPixels(const QRectF &rect, const QColor &colour)
{
    const Texture &white = m_textures.white(); // beside the texts, whose draw call this joins
    m_list.AddImage(handle(white), vec(rect.topLeft()), vec(rect.bottomRight()), vec(white.part.topLeft()), vec(white.part.topLeft()), packed(colour));
}

void ImGuiCanvas::slantedLine(QPointF from, QPointF to, const QColor &colour, qreal width)
{
    // AddLine shifts by half a pixel for lines along pixels; these have their own places.
    m_list.PathLineTo(vec(from));
    m_list.PathLineTo(vec(to));
    m_list.PathStroke(packed(colour), 0, float(width));
}

void ImGuiCanvas::text(QPointF position, const QString &text, const QColor &colour, Align align, qreal scale)
{
    if (text.isEmpty())
        return;
    const FontMeasure &measure = FontMeasure::of(m_theme, scale);
    const QFontMetricsF &metrics = measure.metrics();
    const Texture &texture = m_textures.text(text, measure, m_ratio);
    const qreal width = align == Align::left ? 0 : measure.width(text);
    const qreal x = std::round(position.x() - (align == Align::centre ? width / 2 : width)) - 1; // drawn one pixel in
    const qreal baseline = std::round(position.y() + (metrics.ascent() - metrics.descent()) / 2);
    const QRectF target(QPointF(x, baseline - std::round(metrics.ascent())), texture.size);
    m_list.AddImage(handle(texture), vec(target.topLeft()), vec(target.bottomRight()), vec(texture.part.topLeft()), vec(texture.part.bottomRight()),
                    packed(colour));
}

void ImGuiCanvas::textUp(QPointF position, const QString &text, const QColor &colour, qreal scale)
{
    if (text.isEmpty())
        return;
    const FontMeasure &measure = FontMeasure::of(m_theme, scale);
    const QFontMetricsF &metrics = measure.metrics();
    const Texture &texture = m_textures.text(text, measure, m_ratio);
    const qreal baseline = std::round(position.x() + (metrics.ascent() - metrics.descent()) / 2);
    const qreal left = baseline - std::round(metrics.ascent()), right = left + texture.size.height();
    const qreal bottom = std::round(position.y()) + 1, top = bottom - texture.size.width(); // drawn one pixel in
    m_list.AddImageQuad(handle(texture), vec({left, bottom}), vec({left, top}), vec({right, top}), vec({right, bottom}), vec(texture.part.topLeft()),
                        vec(texture.part.topRight()), vec(texture.part.bottomRight()), vec(texture.part.bottomLeft()), packed(colour));
}

void ImGuiCanvas::image(const QRectF &target, const CanvasImage &image, const QRectF &source)
{
    if (image.image.isNull())
        return;
    const Texture &texture = m_textures.image(image);
    const QRectF from = source.isEmpty() ? QRectF(QPointF(), texture.size) : source;
    const ImVec2 first(float(from.left() / texture.size.width()), float(from.top() / texture.size.height()));
    const ImVec2 last(float(from.right() / texture.size.width()), float(from.bottom() / texture.size.height()));
    m_list.AddImage(handle(texture), vec(target.topLeft()), vec(target.bottomRight()), first, last);
}

void ImGuiCanvas::clip(const QRectF &rect)
{
    m_list.PushClipRect(vec(rect.topLeft()), vec(rect.bottomRight()), true);
}

void ImGuiCanvas::unclip()
{
    m_list.PopClipRect();
}

} // namespace pretext
