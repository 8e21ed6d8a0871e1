// Picture files of any kind, whose names do not matter, in colour and in grey.
#include "tests/fuzz/target.h"

#include "core/data/sources/picture.h"

namespace pretext::fuzz {

void read_picture(std::string_view input)
{
    const Scratch scratch;
    const std::filesystem::path path = scratch.write("picture.png", input);
    PictureSize size;
    const std::string refused = probePicture(path, size);
    require(refused.empty() || faultIn(refused).empty(), faultIn(refused));
    for (const bool colour : {true, false}) {
        const Image image = readPicture(path, {.size = 8, .colour = colour});
        require(image.height == 8 && image.width == 8 && image.channels == (colour ? 3 : 1) && image.pixels.size() == size_t(64 * image.channels),
                "a picture of another shape than was asked for");
    }
}

} // namespace pretext::fuzz
