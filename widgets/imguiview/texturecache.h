// The textures of one OpenGL context: images by key and version, and strings. Text is drawn once by QPainter, in white, and tinted when
// shown: every script that Qt knows comes out as Qt draws it, and Dear ImGui's 16-bit font atlas is not needed. Call with the context current.
#pragma once

#include "widgets/plots/canvas.h"

#include <QHash>

namespace pretext {

class FontMeasure;

struct Texture
{
    uint id = 0;
    quint64 version = 0;
    QSizeF size;          // logical pixels for text, the image's pixels for images
    quint64 lastFrame = 0;
};

class TextureCache
{
public:
    ~TextureCache();

    const Texture &image(const CanvasImage &image);
    const Texture &text(const QString &text, const FontMeasure &measure, qreal ratio);
    /// Forgets what has not been shown for a while.
    void endFrame();
    void release();
    qsizetype count() const { return m_images.size() + m_texts.size(); }

private:
    QHash<quint64, Texture> m_images;
    QHash<QString, Texture> m_texts; // text, size and ratio in one
    quint64 m_frame = 0;
};

} // namespace pretext
