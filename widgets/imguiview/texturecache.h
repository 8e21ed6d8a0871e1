// The textures of one OpenGL context: images by key and version, and strings. Text is drawn once by QPainter, in white, and tinted when
// shown: every script that Qt knows comes out as Qt draws it, and Dear ImGui's 16-bit font atlas is not needed. Many strings share a page, and a
// white pixel with them, so that a panel full of words in boxes is one draw call. Call with the context current.
#pragma once

#include "widgets/plots/canvas.h"

#include <QHash>

#include <vector>

namespace pretext {

class FontMeasure;

struct Texture
{
    uint id = 0;
    quint64 version = 0;
    QSizeF size;             // logical pixels for text, the image's pixels for images
    QRectF part{0, 0, 1, 1}; // of the texture, where it is a page
    quint64 lastFrame = 0;
};

class TextureCache
{
public:
    ~TextureCache();

    const Texture &image(const CanvasImage &image);
    const Texture &text(const QString &text, const FontMeasure &measure, qreal ratio);
    /// What fills are drawn with: a point of the page that is being written on.
    const Texture &white();
    /// Forgets what has not been shown for a while.
    void endFrame();
    void release();
    qsizetype count() const { return m_images.size() + m_texts.size(); }

private:
    struct Page
    {
        uint id = 0;
        int x = 0, y = 0, rowHeight = 0;
    };
    void addPage();
    void write(Texture &texture, const QImage &drawn);
    void forgetTexts();

    QHash<quint64, Texture> m_images;
    QHash<QString, Texture> m_texts; // text, size and ratio in one
    std::vector<Page> m_pages;       // the last one has room
    std::vector<uint> m_large;       // textures of texts that fit no page
    Texture m_white;
    quint64 m_frame = 0;
};

} // namespace pretext
