// Picture files of any kind, whose names do not matter, in colour and in grey. A PNG's checksums are put right, or hardly any input would come
// to its decoder.
#include "tests/fuzz/target.h"

#include "core/data/sources/picture.h"

#include <zlib.h>

namespace pretext::fuzz {

namespace {

uint32_t big32At(const std::string &bytes, size_t at)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
    return value;
}

std::string withChecksums(std::string file)
{
    if (!file.starts_with("\x89PNG\r\n\x1a\n"))
        return file;
    for (size_t at = 8; at + 12 <= file.size();) {
        const uint32_t length = big32At(file, at);
        if (length > file.size() - at - 12)
            break;
        const auto sum = static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef *>(file.data()) + at + 4, length + 4));
        for (size_t i = 0; i < 4; ++i)
            file[at + 8 + length + i] = static_cast<char>(sum >> (24 - 8 * i));
        at += 12 + size_t(length);
    }
    return file;
}

} // namespace

void read_picture(std::string_view input)
{
    const Scratch scratch;
    const std::filesystem::path path = scratch.write("picture.png", withChecksums(std::string(input)));
    PictureSize size;
    const std::string refused = probePicture(path, size);
    if (!refused.empty())
        requireWell(refused);
    cutToLittle(size);
    for (const bool colour : {true, false}) {
        const Image image = readPicture(path, {.size = 8, .colour = colour});
        require(image.height == 8 && image.width == 8 && image.channels == (colour ? 3 : 1) && image.pixels.size() == size_t(64 * image.channels),
                "a picture of another shape than was asked for");
    }
}

} // namespace pretext::fuzz
