// How a picture is meant to be held: cameras store it as the sensor lay, and write a number from 1 to 8 beside it (Exif). libexiv2 finds it in any format.
#include "core/data/sources/decoding.h"

#include <exiv2/exiv2.hpp>

#include <algorithm>
#include <cstring>

namespace pretext {

namespace {

/// A look before metadata are parsed, which takes as long as decoding a small picture.
bool mayHaveOrientation(const std::vector<uint8_t> &bytes, PictureFormat format)
{
    const auto holds = [&](const char *mark, size_t size) { return memmem(bytes.data(), bytes.size(), mark, size) != nullptr; };
    switch (format) {
    case PictureFormat::jpeg: return holds("Exif\0\0", 6);
    case PictureFormat::png: return holds("eXIf", 4) || holds("Raw profile type", 16);
    case PictureFormat::webp: return holds("EXIF", 4);
    default: return false; // TIFF's own is obeyed by its decoder, as HEIC's is; the others have none
    }
}

int parsedOrientation(const std::vector<uint8_t> &bytes)
{
    static const bool quiet = (Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute), Exiv2::XmpParser::initialize());
    (void)quiet;
    try {
        const auto image = Exiv2::ImageFactory::open(bytes.data(), static_cast<long>(bytes.size()));
        image->readMetadata();
        const auto found = image->exifData().findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
        return found == image->exifData().end() ? 1 : static_cast<int>(found->toLong());
    } catch (const std::exception &) {
        return 1; // damaged metadata are no reason to leave a picture out
    }
}

} // namespace

int orientationOf(const std::vector<uint8_t> &bytes, PictureFormat format)
{
    const int orientation = mayHaveOrientation(bytes, format) ? parsedOrientation(bytes) : 1;
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

cv::Mat orientedSquare(const cv::Mat &stored, int orientation)
{
    const bool transposed = orientation >= 5;
    const bool leftRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8; // of what is stored
    const bool upDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const int side = std::min(stored.rows, stored.cols);
    const auto begin = [&](int all, bool reversed) { return reversed ? all - side - (all - side) / 2 : (all - side) / 2; };
    cv::Mat square = stored(cv::Rect(begin(stored.cols, leftRight), begin(stored.rows, upDown), side, side));
    if (leftRight || upDown) {
        cv::Mat flipped;
        cv::flip(square, flipped, leftRight && upDown ? -1 : leftRight ? 1 : 0);
        square = flipped;
    }
    if (transposed) {
        cv::Mat turned;
        cv::transpose(square, turned);
        square = turned;
    }
    return square;
}

} // namespace pretext
