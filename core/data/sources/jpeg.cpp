// JPEG through libjpeg itself, for what it says while it decodes: OpenCV does not pass on that the data ended early and the rest is grey.
#include "core/data/sources/decoding.h"
#include "core/files/said.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <stdexcept>

#include <jpeglib.h>
#include <jerror.h>

namespace pretext {

namespace {

/// Of rows of blocks, the share at the end that may be missing, and in a picture of eight such rows always the last one: some cameras end early by a few
/// blocks, and nothing of it shows at the size that is trained on.
constexpr unsigned kToleratedShare = 20, kFewRows = 8;

class JpegDecoder
{
public:
    JpegDecoder(const std::vector<uint8_t> &bytes, int reduction) : m_bytes(bytes), m_reduction(reduction) {}
    ~JpegDecoder() { jpeg_destroy_decompress(&m_jpeg); }
    cv::Mat decode();

private:
    void run();
    void convertCmyk(const uint8_t *cmyk, uint8_t *bgr) const;
    static JpegDecoder &self(j_common_ptr jpeg) { return *static_cast<JpegDecoder *>(jpeg->client_data); }
    void warned(int level);
    [[noreturn]] void failed();

    const std::vector<uint8_t> &m_bytes;
    const int m_reduction;
    jpeg_decompress_struct m_jpeg = {};
    jpeg_error_mgr m_errors = {};
    std::jmp_buf m_jump;
    char m_message[JMSG_LENGTH_MAX] = {};
    bool m_damaged = false, m_ended = false, m_inScans = false;
    unsigned m_damagedRow = 0; // of blocks
    cv::Mat m_picture, m_row;
};

/// Of the warnings, those after which the pixels are not the picture's.
void JpegDecoder::warned(int level)
{
    if (level >= 0 || m_damaged)
        return;
    switch (m_jpeg.err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF: m_ended = true; break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: break;
    default: return;
    }
    m_damaged = true;
    m_inScans = m_jpeg.progressive_mode || m_jpeg.comps_in_scan < m_jpeg.num_components; // nobody knows where it shows
    m_damagedRow = m_inScans ? 0 : m_jpeg.input_iMCU_row;
    m_jpeg.err->format_message(reinterpret_cast<j_common_ptr>(&m_jpeg), m_message);
}

void JpegDecoder::failed()
{
    m_jpeg.err->format_message(reinterpret_cast<j_common_ptr>(&m_jpeg), m_message);
    std::longjmp(m_jump, 1);
}

void JpegDecoder::convertCmyk(const uint8_t *cmyk, uint8_t *bgr) const
{
    for (int x = 0; x < m_picture.cols; ++x, cmyk += 4, bgr += 3)
        for (int c = 0; c < 3; ++c)
            bgr[2 - c] = static_cast<uint8_t>(m_jpeg.saw_Adobe_marker ? cmyk[c] * cmyk[3] / 255 : (255 - cmyk[c]) * (255 - cmyk[3]) / 255);
}

/// libjpeg leaves by longjmp: nothing here may have a destructor of its own.
void JpegDecoder::run()
{
    m_jpeg.err = jpeg_std_error(&m_errors);
    m_errors.emit_message = [](j_common_ptr jpeg, int level) { self(jpeg).warned(level); };
    m_errors.error_exit = [](j_common_ptr jpeg) { self(jpeg).failed(); };
    m_errors.output_message = [](j_common_ptr) {};
    jpeg_create_decompress(&m_jpeg);
    m_jpeg.client_data = this;
    jpeg_mem_src(&m_jpeg, m_bytes.data(), m_bytes.size());
    jpeg_read_header(&m_jpeg, TRUE);
    m_jpeg.scale_num = 1;
    m_jpeg.scale_denom = static_cast<unsigned>(m_reduction);
    const bool cmyk = m_jpeg.num_components == 4;
    m_jpeg.out_color_space = cmyk ? JCS_CMYK : m_jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
    jpeg_start_decompress(&m_jpeg);
    m_picture.create(static_cast<int>(m_jpeg.output_height), static_cast<int>(m_jpeg.output_width), m_jpeg.num_components == 1 ? CV_8UC1 : CV_8UC3);
    m_row.create(1, m_picture.cols, CV_8UC4);
    while (m_jpeg.output_scanline < m_jpeg.output_height) {
        const int y = static_cast<int>(m_jpeg.output_scanline);
        JSAMPROW row = cmyk ? m_row.ptr() : m_picture.ptr(y);
        jpeg_read_scanlines(&m_jpeg, &row, 1);
        if (cmyk)
            convertCmyk(row, m_picture.ptr(y));
    }
    jpeg_finish_decompress(&m_jpeg);
}

cv::Mat JpegDecoder::decode()
{
    if (setjmp(m_jump))
        throw std::runtime_error(pretext::said("cannot be decoded (%1)", {m_message}));
    run();
    const unsigned rows = std::max(1u, m_jpeg.total_iMCU_rows), tolerated = rows < kFewRows ? 0 : std::max(1u, rows / kToleratedShare);
    if (m_damaged && m_inScans)
        throw std::runtime_error(
            m_ended ? pretext::said("truncated JPEG: of its scans, each of which sharpens the whole picture, not all are there (%1)", {m_message})
                    : pretext::said("damaged JPEG: one of its scans, each of which sharpens the whole picture, is damaged (%1)", {m_message}));
    if (m_damaged && rows - m_damagedRow > tolerated)
        throw std::runtime_error(
            m_ended ? pretext::said("truncated JPEG: its picture is lost from %1 % of its height on (%2)", {100 * m_damagedRow / rows, m_message})
                    : pretext::said("damaged JPEG: its picture is lost from %1 % of its height on (%2)", {100 * m_damagedRow / rows, m_message}));
    return m_picture;
}

} // namespace

cv::Mat decodeJpeg(const std::vector<uint8_t> &bytes, int reduction)
{
    return JpegDecoder(bytes, reduction).decode();
}

} // namespace pretext
