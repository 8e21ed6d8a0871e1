// The index of a folder's pictures in the user's cache, behind its checksum: what is kept of the folder, then the names.
#include "tests/fuzz/target.h"

#include "core/data/sources/pictureindex.h"

#include <zlib.h>

#include <cstdlib>

namespace pretext::fuzz {

namespace {

std::string number(uint64_t value)
{
    return {reinterpret_cast<const char *>(&value), sizeof value};
}

} // namespace

void read_pictureindex(std::string_view input)
{
    constexpr uint64_t kVersion = 0x5072657465787401;
    const Scratch scratch;
    setenv("XDG_CACHE_HOME", scratch.path().c_str(), 1);
    PictureList list{scratch.path()};
    const std::filesystem::path path = pictureIndexPath(list.folder);
    std::filesystem::create_directories(path.parent_path());
    const std::string folder = std::filesystem::canonical(list.folder).string();
    std::string content = number(kVersion) + number(folder.size()) + folder + std::string(input);
    content += number(crc32_z(0, reinterpret_cast<const Bytef *>(content.data()), content.size()));
    scratch.write(std::filesystem::relative(path, scratch.path()).string(), content);
    if (!readPictureIndex(list))
        throw std::runtime_error("no index of this folder as it is");
    for (const PictureFile &file : list.files)
        require(file.name.data() >= list.text.data() && file.name.data() + file.name.size() < list.text.data() + list.text.size(), "a name beyond the index");
}

} // namespace pretext::fuzz
