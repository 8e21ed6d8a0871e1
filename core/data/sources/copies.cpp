#include "core/data/sources/copies.h"

#include "core/data/interruption.h"
#include "core/data/sources/division.h"

#include <fstream>
#include <map>
#include <numeric>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr std::streamoff kComparedPart = 4096;   // of each that is compared at first
constexpr size_t kPiece = size_t(1) << 20;

uint64_t hashOfPart(std::ifstream &file, std::streamoff at, size_t size, uint64_t begun)
{
    Interruptible::check();
    std::vector<char> bytes(size);
    file.seekg(at);
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    return contentHash(bytes.data(), static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)), begun);
}

/// Beginning, middle and end.
uint64_t hashOfParts(const fs::path &path, uintmax_t size)
{
    std::ifstream file(path, std::ios::binary);
    const auto end = static_cast<std::streamoff>(size);
    uint64_t hash = size;
    for (std::streamoff at : {std::streamoff(0), end / 2, std::max<std::streamoff>(0, end - kComparedPart)})
        hash = hashOfPart(file, at, size_t(kComparedPart), hash);
    return hash;
}

uint64_t hashOfAll(const fs::path &path, uintmax_t size)
{
    std::ifstream file(path, std::ios::binary);
    uint64_t hash = size;
    for (uintmax_t at = 0; at < size; at += kPiece)
        hash = hashOfPart(file, static_cast<std::streamoff>(at), static_cast<size_t>(std::min<uintmax_t>(kPiece, size - at)), hash);
    return hash;
}

using Places = std::vector<size_t>;

/// Of each group, those that are alike by `key`; who is alone is dropped.
template<class Key>
std::vector<Places> alikeBy(const std::vector<Places> &groups, const Key &key)
{
    std::vector<Places> result;
    for (const Places &group : groups) {
        std::map<uint64_t, Places> byKey;
        for (size_t place : group)
            byKey[key(place)].push_back(place);
        for (auto &[value, places] : byKey)
            if (places.size() > 1)
                result.push_back(std::move(places));
    }
    return result;
}

} // namespace

std::vector<size_t> firstCopies(const fs::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded)
{
    std::vector<uint64_t> pixels;
    for (size_t i = 0; i < files.size() && pixels.size() == i; ++i)
        if (const auto found = decoded.find(files[i].name); found != decoded.end())
            pixels.push_back(contentHash(found->second->pixels.data(), found->second->pixels.size()));
    if (pixels.size() == files.size())
        return firstOfContent(pixels);
    std::vector<size_t> firsts(files.size());
    std::iota(firsts.begin(), firsts.end(), size_t(0));
    if (files.size() > kLookedAt)
        return firsts;
    std::vector<uintmax_t> sizes;
    for (const PictureFile &file : files) {
        std::error_code error;
        const uintmax_t size = fs::file_size(folder / file.name, error);
        sizes.push_back(error ? 0 : size);
    }
    std::vector<Places> groups = alikeBy({firsts}, [&](size_t place) { return sizes[place]; });
    groups = alikeBy(groups, [&](size_t place) { return hashOfParts(folder / files[place].name, sizes[place]); });
    groups = alikeBy(groups, [&](size_t place) { return hashOfAll(folder / files[place].name, sizes[place]); });
    for (const Places &group : groups)
        for (size_t place : group)
            firsts[place] = group.front();
    return firsts;
}

} // namespace pretext
