// Is this a whole image file? The decoders fill what is missing with grey, or write to standard error; this looks first.
#include "core/data/sources/picture.h"
#include "core/files/said.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace pretext {

namespace {

[[noreturn]] void failPicture(const std::string &why)
{
    throw std::runtime_error(why);
}

bool begins(const std::vector<uint8_t> &bytes, const char *signature, size_t length, size_t at = 0)
{
    return bytes.size() >= at + length && std::memcmp(bytes.data() + at, signature, length) == 0;
}

uint32_t big32(const uint8_t *b)
{
    return uint32_t(b[0]) << 24 | uint32_t(b[1]) << 16 | uint32_t(b[2]) << 8 | b[3];
}

void checkPng(const std::vector<uint8_t> &bytes)
{
    for (size_t at = 8; at + 12 <= bytes.size();) {
        const uint8_t *chunk = bytes.data() + at;
        const uint32_t length = big32(chunk);
        if (length > bytes.size() - at - 12)
            failPicture(said("truncated PNG"));
        const std::string type(chunk + 4, chunk + 8);
        if (crc32(0, chunk + 4, length + 4) != big32(chunk + 8 + length))
            failPicture(said("damaged PNG (the checksum of its %1 chunk is wrong)", {type}));
        if (type == "IEND")
            return;
        at += 12 + length;
    }
    failPicture(said("truncated PNG"));
}

void checkJpeg(const std::vector<uint8_t> &bytes)
{
    for (size_t at = 2; at + 4 <= bytes.size();) {
        if (bytes[at] != 0xff)
            failPicture(said("damaged JPEG"));
        const uint8_t marker = bytes[at + 1];
        if (marker == 0xff) { // padding
            ++at;
            continue;
        }
        const size_t length = size_t(bytes[at + 2]) << 8 | bytes[at + 3];
        at += 2 + length;
        if (marker == 0xda) { // the scan follows; its data cannot contain the end marker
            constexpr uint8_t kEnd[] = {0xff, 0xd9};
            if (at < bytes.size() && std::search(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end(), kEnd, kEnd + 2) != bytes.end())
                return;
            break;
        }
    }
    failPicture(said("truncated JPEG"));
}

} // namespace

PictureFormat pictureFormat(const std::vector<uint8_t> &bytes)
{
    if (begins(bytes, "\x89PNG\r\n\x1a\n", 8))
        return PictureFormat::png;
    if (begins(bytes, "\xff\xd8\xff", 3))
        return PictureFormat::jpeg;
    if (begins(bytes, "RIFF", 4) && begins(bytes, "WEBP", 4, 8))
        return PictureFormat::webp;
    if (begins(bytes, "BM", 2))
        return PictureFormat::bmp;
    if (begins(bytes, "II*\0", 4) || begins(bytes, "MM\0*", 4))
        return PictureFormat::tiff;
    if (bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6')
        return PictureFormat::pnm;
    if (begins(bytes, "GIF8", 4))
        return PictureFormat::gif;
    if (begins(bytes, "ftyp", 4, 4))
        return PictureFormat::heif; // HEIC and AVIF
    return PictureFormat::unknown;
}

void checkPicture(const std::vector<uint8_t> &bytes)
{
    if (bytes.empty())
        failPicture(said("empty file"));
    switch (pictureFormat(bytes)) {
    case PictureFormat::png: return checkPng(bytes);
    case PictureFormat::jpeg: return checkJpeg(bytes);
    case PictureFormat::gif: failPicture(said("GIF cannot be read; convert it to PNG"));
    case PictureFormat::unknown: failPicture(said("not an image: its first bytes are those of no format that can be read"));
    default: return;
    }
}

} // namespace pretext
