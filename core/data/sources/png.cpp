// PNG through libpng itself, for what it says while it decodes: OpenCV leaves that to libpng, which prints it. The pixels are those that OpenCV makes.
#include "core/data/sources/decoding.h"
#include "core/files/said.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <png.h>

namespace pretext {

namespace {

constexpr const char *kEndsEarly = PRETEXT_SAID("it ends early"), *kOtherRows = PRETEXT_SAID("its rows are of another size");

class PngDecoder
{
public:
    explicit PngDecoder(const std::vector<uint8_t> &bytes) : m_bytes(bytes) {}
    ~PngDecoder() { png_destroy_read_struct(&m_png, &m_info, nullptr); }
    cv::Mat decode();

private:
    void run();
    void choosePixels();
    static void read(png_structp png, png_bytep to, size_t size);
    [[noreturn]] static void failed(png_structp png, png_const_charp message);

    const std::vector<uint8_t> &m_bytes;
    size_t m_at = 0;
    png_structp m_png = nullptr;
    png_infop m_info = nullptr;
    std::jmp_buf m_jump;
    char m_message[128] = {};
    cv::Mat m_picture;
    std::vector<png_bytep> m_rows;
};

void PngDecoder::read(png_structp png, png_bytep to, size_t size)
{
    PngDecoder &self = *static_cast<PngDecoder *>(png_get_io_ptr(png));
    if (size > self.m_bytes.size() - self.m_at)
        png_error(png, kEndsEarly);
    std::memcpy(to, self.m_bytes.data() + self.m_at, size);
    self.m_at += size;
}

void PngDecoder::failed(png_structp png, png_const_charp message)
{
    PngDecoder &self = *static_cast<PngDecoder *>(png_get_error_ptr(png));
    std::snprintf(self.m_message, sizeof self.m_message, "%s", message);
    std::longjmp(self.m_jump, 1);
}

/// Grey or BGR(A), 8 or 16 bits.
void PngDecoder::choosePixels()
{
    const int kind = png_get_color_type(m_png, m_info), bits = png_get_bit_depth(m_png, m_info);
    const bool colour = kind & PNG_COLOR_MASK_COLOR, alpha = kind & PNG_COLOR_MASK_ALPHA;
    const bool four = alpha || (colour && png_get_valid(m_png, m_info, PNG_INFO_tRNS)); // what of grey is transparent is not, as ever
    if (bits == 16)
        png_set_swap(m_png);
    if (four)
        png_set_tRNS_to_alpha(m_png);
    if (kind == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(m_png);
    if (!four)
        png_set_strip_alpha(m_png);
    if (!colour && bits < 8)
        png_set_expand_gray_1_2_4_to_8(m_png);
    if (!colour && four)
        png_set_gray_to_rgb(m_png);
    png_set_bgr(m_png);
    m_picture.create(static_cast<int>(png_get_image_height(m_png, m_info)), static_cast<int>(png_get_image_width(m_png, m_info)),
                     CV_MAKETYPE(bits == 16 ? CV_16U : CV_8U, four     ? 4
                                                              : colour ? 3
                                                                       : 1));
}

/// libpng leaves by longjmp: nothing here may have a destructor of its own.
void PngDecoder::run()
{
    m_png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, failed, [](png_structp, png_const_charp) {});
    m_info = m_png ? png_create_info_struct(m_png) : nullptr;
    if (!m_info)
        throw std::bad_alloc();
    png_set_read_fn(m_png, this, read);
    png_read_info(m_png, m_info);
    choosePixels();
    png_set_interlace_handling(m_png);
    png_read_update_info(m_png, m_info);
    if (png_get_rowbytes(m_png, m_info) != m_picture.cols * m_picture.elemSize())
        png_error(m_png, kOtherRows);
    m_rows.resize(size_t(m_picture.rows));
    for (int y = 0; y < m_picture.rows; ++y)
        m_rows[size_t(y)] = m_picture.ptr(y);
    png_read_image(m_png, m_rows.data());
    png_read_end(m_png, nullptr);
}

cv::Mat PngDecoder::decode()
{
    if (setjmp(m_jump))
        throw std::runtime_error(pretext::said("cannot be decoded (%1)", {pretext::said(m_message)}));
    run();
    return m_picture;
}

} // namespace

cv::Mat decodePng(const std::vector<uint8_t> &bytes)
{
    return PngDecoder(bytes).decode();
}

} // namespace pretext
