#include "widgets/imguiview/texturecache.h"

#include "widgets/plots/fontmeasure.h"

#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <QPainter>

#include <cmath>

namespace pretext {

namespace {

QOpenGLFunctions *gl()
{
    return QOpenGLContext::currentContext()->functions();
}

void upload(Texture &texture, const QImage &source)
{
    const QImage image = source.convertToFormat(QImage::Format_RGBA8888);
    if (!texture.id)
        gl()->glGenTextures(1, &texture.id);
    gl()->glBindTexture(GL_TEXTURE_2D, texture.id);
    gl()->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl()->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl()->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    gl()->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    gl()->glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl()->glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, image.width(), image.height(), 0, GL_RGBA, GL_UNSIGNED_BYTE, image.constBits());
}

QImage drawText(const QString &text, const FontMeasure &measure, qreal ratio)
{
    const QFontMetricsF &metrics = measure.metrics();
    const QSizeF size(measure.width(text) + 3, metrics.height() + 1); // room for overhang
    QImage image(int(std::ceil(size.width() * ratio)), int(std::ceil(size.height() * ratio)), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setFont(measure.font());
    painter.setPen(Qt::white);
    painter.drawText(QPointF(1, std::round(metrics.ascent())), text);
    return image;
}

template<class Key>
void forgetOld(QHash<Key, Texture> &textures, quint64 before)
{
    for (auto it = textures.begin(); it != textures.end();) {
        if (it->lastFrame >= before) {
            ++it;
            continue;
        }
        gl()->glDeleteTextures(1, &it->id);
        it = textures.erase(it);
    }
}

} // namespace

TextureCache::~TextureCache()
{
    Q_ASSERT(m_images.isEmpty() && m_texts.isEmpty()); // release() needs the context, so the owner calls it
}

const Texture &TextureCache::image(const CanvasImage &image)
{
    Texture &texture = m_images[image.key];
    if (!texture.id || texture.version != image.version || texture.size != image.image.size()) {
        upload(texture, image.image);
        texture.version = image.version;
        texture.size = image.image.size();
    }
    texture.lastFrame = m_frame;
    return texture;
}

const Texture &TextureCache::text(const QString &text, const FontMeasure &measure, qreal ratio)
{
    Texture &texture = m_texts[measure.key() + QLatin1Char('\n') + QString::number(ratio) + QLatin1Char('\n') + text];
    if (!texture.id) {
        const QImage drawn = drawText(text, measure, ratio);
        texture.size = drawn.deviceIndependentSize();
        upload(texture, drawn);
    }
    texture.lastFrame = m_frame;
    return texture;
}

void TextureCache::endFrame()
{
    constexpr quint64 kKeptFrames = 60;
    if (++m_frame % kKeptFrames)
        return;
    forgetOld(m_images, m_frame - kKeptFrames);
    forgetOld(m_texts, m_frame - kKeptFrames);
}

void TextureCache::release()
{
    forgetOld(m_images, m_frame + 1);
    forgetOld(m_texts, m_frame + 1);
}

} // namespace pretext
