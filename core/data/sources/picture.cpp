#include "core/data/sources/picture.h"

#include "core/data/sources/decoding.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/core/utils/logger.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <streambuf>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLargestPictureFile = size_t(512) << 20;
constexpr uint64_t kLargestDecoded = 640'000'000; // bytes; PRETEXT_MAX_BYTES, where it is set, may raise it
constexpr int64_t kLongest = 5;                   // sides' ratio up to which a central square shows what a picture is of
constexpr int kBand = 256;                        // rows that are converted at once: a large picture is not copied as a whole at each step

/// Photographs are decoded at an eighth, a quarter or half of their size where that leaves twice the pixels needed.
int reductionOf(PictureFormat format, const PictureSize &size, int side)
{
    const int64_t reduction = format == PictureFormat::jpeg ? std::min(size.width, size.height) / (2 * side) : 1;
    return reduction >= 8 ? 8 : reduction >= 4 ? 4 : reduction >= 2 ? 2 : 1;
}

/// Passes on what is written to std::cerr, but for what the thread writes that is silent at the moment.
class SilentHere : public std::streambuf
{
public:
    explicit SilentHere(std::streambuf *to) : m_to(to) {}
    static thread_local bool silent;

protected:
    int overflow(int c) override { return silent || c == traits_type::eof() ? traits_type::not_eof(c) : m_to->sputc(static_cast<char>(c)); }
    std::streamsize xsputn(const char *text, std::streamsize size) override { return silent ? size : m_to->sputn(text, size); }
    int sync() override { return silent ? 0 : m_to->pubsync(); }

private:
    std::streambuf *m_to;
};
thread_local bool SilentHere::silent = false;

/// Before there are threads, and to the end of the program, since who is destroyed then may still write there.
[[maybe_unused]] const bool kListening = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    std::cerr.rdbuf(new SilentHere(std::cerr.rdbuf()));
    return true;
}();

/// OpenCV writes what it thinks of a damaged picture to std::cerr, past its own log: we say it in a line of ours.
cv::Mat decodeByOpenCv(const std::vector<uint8_t> &bytes)
{
    SilentHere::silent = true;
    cv::Mat picture;
    try {
        picture = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
    } catch (const cv::Exception &) { // of the few that it does not catch itself
    }
    SilentHere::silent = false;
    return picture;
}

/// As it is stored, but for HEIC and TIFF, whose decoders turn it as it is meant.
cv::Mat decode(const std::vector<uint8_t> &bytes, const PictureSize &size, int side)
{
    const PictureFormat format = pictureFormat(bytes);
    const double most = double(raisedBound(kLargestDecoded));
    const int reduction = reductionOf(format, size, side);
    checkPictureSize(size, most, reduction);
    static const bool single = (cv::setNumThreads(1), true); // the trainer's team has the other cores
    (void)single;
    if (format == PictureFormat::jpeg)
        return decodeJpeg(bytes, reduction);
    if (format == PictureFormat::heif)
        return decodeHeif(bytes, most / 3);
    if (format == PictureFormat::png)
        return decodePng(bytes);
    const cv::Mat picture = decodeByOpenCv(bytes);
    if (picture.empty())
        throw std::runtime_error(pretext::said("cannot be decoded; the file is damaged or of an unusual kind"));
    return picture;
}

/// White behind what is transparent.
cv::Mat flattened(const cv::Mat &bgra)
{
    cv::Mat flat(bgra.size(), CV_8UC3);
    for (int y = 0; y < bgra.rows; ++y) {
        const uint8_t *from = bgra.ptr<uint8_t>(y);
        uint8_t *to = flat.ptr<uint8_t>(y);
        for (int x = 0; x < bgra.cols; ++x, from += 4, to += 3)
            for (int c = 0; c < 3; ++c)
                to[c] = static_cast<uint8_t>((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
    }
    return flat;
}

cv::Mat toEightBits(const cv::Mat &picture)
{
    if (picture.depth() == CV_8U)
        return picture;
    if (picture.depth() != CV_16U)
        throw std::runtime_error(pretext::said("its pixels are neither 8 nor 16 bits; convert it to PNG"));
    cv::Mat reduced;
    picture.convertTo(reduced, CV_8U, 1 / 257.);
    return reduced;
}

cv::Mat toChannels(const cv::Mat &picture, bool colour)
{
    const cv::Mat opaque = picture.channels() == 4 ? flattened(picture) : picture;
    if (opaque.channels() != 1 && opaque.channels() != 3)
        throw std::runtime_error(pretext::said("has %1 channels; grey, RGB and RGBA can be read", {opaque.channels()}));
    cv::Mat converted;
    if (colour)
        cv::cvtColor(opaque, converted, opaque.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
    else if (opaque.channels() == 3)
        cv::cvtColor(opaque, converted, cv::COLOR_BGR2GRAY);
    else
        converted = opaque;
    return converted;
}

} // namespace

bool isPictureName(const fs::path &path)
{
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
    static const std::array known = {".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp",  ".tif",  ".tiff",
                                     ".ppm", ".pgm", ".pbm",  ".pnm", ".gif",  ".heic", ".heif", ".avif"};
    return std::find(known.begin(), known.end(), extension) != known.end();
}

std::string probePicture(const fs::path &path, PictureSize &size)
{
    try {
        const std::vector<uint8_t> first = firstBytes(path, 4096);
        const PictureFormat format = pictureFormat(first);
        if (format != PictureFormat::png && format != PictureFormat::jpeg)
            checkPicture(first);
        size = pictureSize(first);
    } catch (const std::exception &error) {
        return error.what();
    }
    return {};
}

std::string cutToLittle(const PictureSize &size)
{
    const bool little = std::max(size.width, size.height) > kLongest * std::min(size.width, size.height);
    return little ? std::to_string(size.width) + " x " + std::to_string(size.height) : std::string();
}

Image readPicture(const fs::path &path, const DatasetOptions &options, PictureSize *told)
{
    const std::vector<uint8_t> bytes = wholeBytes(path, kLargestPictureFile);
    checkPicture(bytes);
    try {
        const PictureSize size = pictureSize(bytes);
        const cv::Mat picture = decode(bytes, size, options.size);
        if (told)
            *told = size.width > 0 ? size : PictureSize{picture.cols, picture.rows};
        const cv::Mat square = orientedSquare(picture, orientationOf(bytes, pictureFormat(bytes)));
        // Colours first: transparent pixels must not bleed into their neighbours.
        const int side = square.rows;
        cv::Mat pixels(side, side, options.colour ? CV_8UC3 : CV_8UC1);
        for (int y = 0; y < side; y += kBand) {
            const cv::Range band(y, std::min(y + kBand, side));
            toChannels(toEightBits(square.rowRange(band)), options.colour).copyTo(pixels.rowRange(band));
        }
        Image image{options.size, options.size, pixels.channels(), {}};
        image.pixels.resize(size_t(options.size) * options.size * image.channels);
        cv::Mat resized(options.size, options.size, CV_MAKETYPE(CV_8U, image.channels), image.pixels.data());
        cv::resize(pixels, resized, resized.size(), 0, 0, side > options.size ? cv::INTER_AREA : cv::INTER_LINEAR);
        return image;
    } catch (const cv::Exception &error) {
        throw std::runtime_error(said("cannot be decoded (%1)", {error.err}));
    }
}

Image brokenPicture(const DatasetOptions &options)
{
    const int size = options.size, channels = options.colour ? 3 : 1;
    Image image{size, size, channels, std::vector<uint8_t>(size_t(size) * size * channels, 128)};
    for (int i = 0; i < size; ++i)
        for (int x : {i, size - 1 - i})
            std::fill_n(image.pixels.begin() + (size_t(i) * size + x) * channels, channels, uint8_t(32));
    return image;
}

} // namespace pretext
