// HEIC photographs, as phones take them, and AVIF, through libheif.
#include "core/data/sources/decoding.h"
#include "core/files/said.h"

#include <libheif/heif.h>

#include <memory>
#include <stdexcept>

namespace pretext {

namespace {

template<auto release>
struct HeifRelease
{
    template<class T>
    void operator()(T *t) const
    {
        release(t);
    }
};
using HeifContext = std::unique_ptr<heif_context, HeifRelease<heif_context_free>>;
using HeifHandle = std::unique_ptr<heif_image_handle, HeifRelease<heif_image_handle_release>>;
using HeifImage = std::unique_ptr<heif_image, HeifRelease<heif_image_release>>;

void checkHeif(const heif_error &error)
{
    if (error.code != heif_error_Ok)
        throw std::runtime_error(said("cannot be decoded (%1)", {error.message}));
}

HeifHandle primaryPicture(heif_context *context)
{
    heif_image_handle *handle = nullptr;
    checkHeif(heif_context_get_primary_image_handle(context, &handle));
    return HeifHandle(handle);
}

} // namespace

cv::Mat decodeHeif(const std::vector<uint8_t> &bytes, double mostPixels)
{
    const HeifContext context(heif_context_alloc());
    checkHeif(heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr));
    const HeifHandle handle = primaryPicture(context.get());
    const int width = heif_image_handle_get_width(handle.get()), height = heif_image_handle_get_height(handle.get());
    checkPictureSize({width, height, 4}, mostPixels * 3);

    const bool alpha = heif_image_handle_has_alpha_channel(handle.get()) != 0;
    heif_image *decoded = nullptr; // 8 bits, turned as it is meant
    checkHeif(heif_decode_image(handle.get(), &decoded, heif_colorspace_RGB, alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, nullptr));
    const HeifImage image(decoded);
    int stride = 0;
    const uint8_t *pixels = heif_image_get_plane_readonly(image.get(), heif_channel_interleaved, &stride);
    if (!pixels)
        throw std::runtime_error(pretext::said("cannot be decoded (it holds no pixels)"));
    const int columns = heif_image_get_width(image.get(), heif_channel_interleaved), rows = heif_image_get_height(image.get(), heif_channel_interleaved);
    cv::Mat picture(rows, columns, alpha ? CV_8UC4 : CV_8UC3);
    const int channels = picture.channels();
    for (int y = 0; y < rows; ++y) {
        const uint8_t *from = pixels + ptrdiff_t(y) * stride;
        uint8_t *to = picture.ptr(y);
        for (int x = 0; x < columns; ++x, from += channels, to += channels) {
            to[0] = from[2], to[1] = from[1], to[2] = from[0];
            if (alpha)
                to[3] = from[3];
        }
    }
    return picture;
}

} // namespace pretext
