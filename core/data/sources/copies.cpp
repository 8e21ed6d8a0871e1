#include "core/data/sources/copies.h"

#include "core/data/interruption.h"
#include "core/data/sources/division.h"
#include "core/data/sources/source.h"
#include "core/files/regularfile.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kComparedPart = 4096; // of each that is compared at first
constexpr uint64_t kPiece = uint64_t(1) << 20;

uint64_t hashOfPart(RegularFile &file, uint64_t at, uint64_t size, uint64_t begun)
{
    Interruptible::check();
    std::vector<char> bytes(static_cast<size_t>(std::min(size, file.size() - std::min(at, file.size()))));
    file.seek(at);
    return file.read(bytes.data(), bytes.size()) ? contentHash(bytes.data(), bytes.size(), begun) : begun;
}

/// Beginning, middle and end.
uint64_t hashOfParts(RegularFile &file)
{
    uint64_t hash = file.size();
    for (uint64_t at : {uint64_t(0), file.size() / 2, file.size() - std::min(file.size(), kComparedPart)})
        hash = hashOfPart(file, at, kComparedPart, hash);
    return hash;
}

uint64_t hashOfAll(RegularFile &file)
{
    uint64_t hash = file.size();
    for (uint64_t at = 0; at < file.size(); at += kPiece)
        hash = hashOfPart(file, at, kPiece, hash);
    return hash;
}

/// Of the file's content; what cannot be read any more, or became a pipe, is like nothing else.
uint64_t hashOfFile(const fs::path &path, uint64_t (*hash)(RegularFile &))
{
    try {
        RegularFile file(path);
        return hash(file);
    } catch (const std::invalid_argument &) {
        return stableHash(path.native());
    }
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

Copies findCopies(const fs::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded)
{
    std::vector<uint64_t> pixels;
    for (size_t i = 0; i < files.size() && pixels.size() == i; ++i)
        if (const auto found = decoded.find(files[i].name); found != decoded.end())
            pixels.push_back(contentHash(found->second->pixels.data(), found->second->pixels.size()));
    if (pixels.size() == files.size())
        return {firstOfContent(pixels)};
    Copies copies{std::vector<size_t>(files.size()), false};
    std::iota(copies.firsts.begin(), copies.firsts.end(), size_t(0));
    if (files.size() > kMeasuredFiles)
        return copies;
    std::vector<Places> groups = alikeBy({copies.firsts}, [&](size_t place) {
        std::error_code error;
        const uintmax_t size = fs::file_size(folder / files[place].name, error);
        return error ? 0 : size;
    });
    size_t opened = 0;
    for (const Places &group : groups)
        opened += group.size();
    copies.compared = opened <= kLookedAt;
    if (!copies.compared)
        return copies;
    for (uint64_t (*hash)(RegularFile &) : {hashOfParts, hashOfAll})
        groups = alikeBy(groups, [&](size_t place) { return hashOfFile(folder / files[place].name, hash); });
    for (const Places &group : groups)
        for (size_t place : group)
            copies.firsts[place] = group.front();
    return copies;
}

} // namespace pretext
