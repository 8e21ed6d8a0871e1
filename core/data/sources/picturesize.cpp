// How large a picture says it is, read from its header before any decoder takes memory for it.
#include "core/data/sources/picture.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace pretext {

namespace {

/// Numbers within a file's beginning; what lies beyond it is 0.
struct HeaderBytes
{
    const std::vector<uint8_t> &bytes;
    bool bigEndian = false;

    int64_t at(size_t offset) const { return offset < bytes.size() ? bytes[offset] : 0; }
    int64_t number(size_t offset, int size) const
    {
        int64_t value = 0;
        for (int i = 0; i < size; ++i)
            value |= at(offset + size_t(i)) << 8 * (bigEndian ? size - 1 - i : i);
        return value;
    }
};

PictureSize pngSize(const HeaderBytes &head)
{
    const int64_t depth = head.at(24), type = head.at(25);
    const int channels = type == 0 ? 1 : type == 2 || type == 3 ? 3 : 4;
    return {head.number(16, 4), head.number(20, 4), channels * (depth == 16 ? 2 : 1)};
}

PictureSize jpegSize(const HeaderBytes &head)
{
    for (size_t at = 2; at + 9 < head.bytes.size();) {
        const int64_t marker = head.at(at + 1);
        if (head.at(at) != 0xff)
            break;
        const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame)
            return {head.number(at + 7, 2), head.number(at + 5, 2), head.at(at + 9) == 1 ? 1 : 3,
                    marker == 0xc2 || marker == 0xc6 || marker == 0xca || marker == 0xce};
        at += marker == 0xff ? 1 : 2 + size_t(head.number(at + 2, 2));
    }
    return {};
}

PictureSize webpSize(const HeaderBytes &head)
{
    switch (head.at(15)) {
    case ' ': return {head.number(26, 2) & 0x3fff, head.number(28, 2) & 0x3fff, 4};
    case 'L': return {(head.number(21, 4) & 0x3fff) + 1, (head.number(21, 4) >> 14 & 0x3fff) + 1, 4};
    case 'X': return {head.number(24, 3) + 1, head.number(27, 3) + 1, 4};
    default: return {};
    }
}

PictureSize bmpSize(const HeaderBytes &head)
{
    const auto side = [&](size_t offset) { return std::abs(int64_t(static_cast<int32_t>(head.number(offset, 4)))); };
    return head.number(14, 4) == 12 ? PictureSize{head.number(18, 2), head.number(20, 2), 3}
                                    : PictureSize{side(18), side(22), head.number(28, 2) == 32 ? 4 : 3};
}

/// The first directory's tags; nothing where it lies beyond what was read.
PictureSize tiffSize(const HeaderBytes &head)
{
    PictureSize size{0, 0, 1};
    int64_t samples = 1, bits = 8;
    const size_t directory = size_t(head.number(4, 4));
    for (size_t i = 0, count = size_t(head.number(directory, 2)); i < count && directory + 14 + 12 * i <= head.bytes.size(); ++i) {
        const size_t entry = directory + 2 + 12 * i;
        const int width = head.number(entry + 2, 2) == 3 ? 2 : 4;
        const int64_t value = head.number(entry + 8, width);
        switch (head.number(entry, 2)) {
        case 256: size.width = value; break;
        case 257: size.height = value; break;
        case 258: bits = head.number(entry + 4, 4) > 2 ? head.number(size_t(head.number(entry + 8, 4)), 2) : value; break;
        case 277: samples = value; break;
        }
    }
    size.pixelBytes = static_cast<int>(std::clamp<int64_t>(samples * std::max<int64_t>(bits, 8) / 8, 1, 64));
    return size;
}

/// Numbers in words, with comments between them.
PictureSize pnmSize(const HeaderBytes &head)
{
    int64_t values[2] = {};
    size_t at = 2;
    for (int64_t &value : values) {
        while (std::isspace(static_cast<int>(head.at(at))) || head.at(at) == '#') {
            while (head.at(at) == '#' && at < head.bytes.size())
                while (head.at(at) != '\n' && at < head.bytes.size())
                    ++at;
            ++at;
        }
        for (; std::isdigit(static_cast<int>(head.at(at))) && value < INT32_MAX; ++at)
            value = value * 10 + head.at(at) - '0';
    }
    return {values[0], values[1], head.at(1) == '3' || head.at(1) == '6' ? 6 : 2};
}

} // namespace

PictureSize pictureSize(const std::vector<uint8_t> &bytes)
{
    switch (pictureFormat(bytes)) {
    case PictureFormat::png: return pngSize({bytes, true});
    case PictureFormat::jpeg: return jpegSize({bytes, true});
    case PictureFormat::webp: return webpSize({bytes});
    case PictureFormat::bmp: return bmpSize({bytes});
    case PictureFormat::tiff: return tiffSize({bytes, bytes[0] == 'M'});
    case PictureFormat::pnm: return pnmSize({bytes});
    default: return {};
    }
}

void checkPictureSize(const PictureSize &size, double mostBytes, int reduction)
{
    const double pixels = double(size.width) * double(size.height);
    const double bytes = pixels * size.pixelBytes / reduction / reduction + (size.inScans ? pixels * size.pixelBytes * 2 : 0);
    if (bytes <= mostBytes && pixels <= mostBytes / 3)
        return;
    throw std::runtime_error(
        unlessRaised(said("%1 x %2 pixels are too many: they take %3 decoded, and at most %4 and %5 million pixels are allowed; make it smaller",
                          {size.width, size.height, bytesInWords(bytes), bytesInWords(mostBytes), int64_t(mostBytes / 3e6)}),
                     std::max(bytes, 3 * pixels)));
}

} // namespace pretext
