#include "widgets/imguiview/texturecache.h"

#include "widgets/plots/fontmeasure.h"

#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

QOpenGLFunctions *gl()
{
    return QOpenGLContext::currentContext()->functions();
}

constexpr int kPageSide = 1024, kMostPages = 3;
constexpr size_t kMostLarge = 64; // texts

void upload(uint &id, const QImage &source)
{
    const QImage image = source.convertToFormat(QImage::Format_RGBA8888);
    if (!id)
        gl()->glGenTextures(1, &id);
    gl()->glBindTexture(GL_TEXTURE_2D, id);
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

void forgetOld(QHash<quint64, Texture> &textures, quint64 before)
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
        upload(texture.id, image.image);
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
        write(texture, drawn);
    }
    return texture;
}

const Texture &TextureCache::white()
{
    if (m_pages.empty())
        addPage();
    return m_white;
}

void TextureCache::addPage()
{
    QImage blank(kPageSide, kPageSide, QImage::Format_RGBA8888);
    blank.fill(Qt::transparent);
    blank.setPixel(0, 0, qRgba(255, 255, 255, 255));
    Page &page = m_pages.emplace_back();
    upload(page.id, blank);
    page.x = 2;
    m_white.id = page.id;
    m_white.part = QRectF(0.5 / kPageSide, 0.5 / kPageSide, 0, 0);
}

/// In rows from the top, a pixel apart; a text that no page can hold has a texture of its own.
void TextureCache::write(Texture &texture, const QImage &drawn)
{
    const QSize size = drawn.size();
    if (size.width() > kPageSide || size.height() > kPageSide / 2) {
        upload(texture.id, drawn);
        m_large.push_back(texture.id);
        return;
    }
    white();
    if (m_pages.back().x + size.width() > kPageSide) {
        Page &page = m_pages.back();
        page.y += page.rowHeight + 1;
        page.x = page.rowHeight = 0;
    }
    if (m_pages.back().y + size.height() > kPageSide)
        addPage();
    Page &page = m_pages.back();
    const QImage image = drawn.convertToFormat(QImage::Format_RGBA8888);
    gl()->glBindTexture(GL_TEXTURE_2D, page.id);
    gl()->glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl()->glTexSubImage2D(GL_TEXTURE_2D, 0, page.x, page.y, size.width(), size.height(), GL_RGBA, GL_UNSIGNED_BYTE, image.constBits());
    texture.id = page.id;
    texture.part = QRectF(double(page.x) / kPageSide, double(page.y) / kPageSide, double(size.width()) / kPageSide, double(size.height()) / kPageSide);
    page.x += size.width() + 1;
    page.rowHeight = std::max(page.rowHeight, size.height());
}

void TextureCache::forgetTexts()
{
    for (const Page &page : m_pages)
        gl()->glDeleteTextures(1, &page.id);
    for (const uint id : m_large)
        gl()->glDeleteTextures(1, &id);
    m_pages.clear();
    m_large.clear();
    m_texts.clear();
}

void TextureCache::endFrame()
{
    if (m_pages.size() > kMostPages || m_large.size() > kMostLarge)
        forgetTexts(); // mostly numbers that will not come again; what is still shown is written anew
    constexpr quint64 kKeptFrames = 60;
    if (++m_frame % kKeptFrames == 0)
        forgetOld(m_images, m_frame - kKeptFrames);
}

void TextureCache::release()
{
    forgetOld(m_images, m_frame + 1);
    forgetTexts();
}

} // namespace pretext
