#include "core/data/sources/copies.h"

#include "core/data/interruption.h"
#include "core/data/sources/division.h"
#include "core/data/sources/pictureindex.h"
#include "core/data/sources/source.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kComparedPart = 4096;                  // of each that is compared at first
constexpr auto kContentSettled = std::chrono::seconds(2); // as file systems count time
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

/// Hashes of files' contents, read where they are not known from before.
class FileContents
{
public:
    FileContents(const fs::path &folder, const CopiesCache &cache) : m_folder(folder), m_cache(cache), m_known(readKnownContents(folder)) {}

    /// 0 where it cannot be asked.
    uint64_t sizeOf(std::string_view name)
    {
        struct stat found;
        if (::stat((m_folder / name).c_str(), &found) != 0)
            return 0;
        const auto nanoseconds = [](const timespec &time) { return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; };
        KnownContent content{uint64_t(found.st_size), nanoseconds(found.st_mtim), nanoseconds(found.st_ctim)};
        if (const auto known = m_known.find(std::string(name)); known != m_known.end() && known->second.isOfSameFile(content))
            content = known->second;
        m_now.insert_or_assign(std::string(name), content);
        return content.size;
    }
    uint64_t partsOf(std::string_view name) { return hash(name, &KnownContent::parts, hashOfParts, 3 * kComparedPart); }
    uint64_t wholeOf(std::string_view name) { return hash(name, &KnownContent::whole, hashOfAll, UINT64_MAX); }
    uint64_t bytesRead() const { return m_read; }

    /// What was hashed of files that were at rest.
    void keep()
    {
        if (m_read == 0 || m_read < m_cache.keptFrom)
            return;
        const int64_t settled = std::chrono::nanoseconds((m_cache.begun - kContentSettled).time_since_epoch()).count();
        std::erase_if(m_now, [&](const auto &entry) { return entry.second.parts == 0 || std::max(entry.second.modified, entry.second.changed) > settled; });
        keepKnownContents(m_folder, m_now);
    }

private:
    /// What cannot be read any more, or became a pipe, is like nothing else.
    uint64_t hash(std::string_view name, uint64_t KnownContent::*field, uint64_t (*make)(RegularFile &), uint64_t most)
    {
        KnownContent &content = m_now[std::string(name)];
        if (content.*field != 0)
            return content.*field;
        try {
            RegularFile file(m_folder / name);
            m_read += std::min(file.size(), most);
            return content.*field = make(file);
        } catch (const std::invalid_argument &) {
            return stableHash((m_folder / name).native());
        }
    }

    const fs::path &m_folder;
    const CopiesCache &m_cache;
    KnownContents m_known, m_now;
    uint64_t m_read = 0;
};

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

Copies findCopies(const fs::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded, const CopiesCache &cache)
{
    std::vector<uint64_t> pixels;
    for (size_t i = 0; i < files.size() && pixels.size() == i; ++i)
        if (const auto found = decoded.find(files[i].name); found != decoded.end())
            pixels.push_back(contentHash(found->second->pixels.data(), found->second->pixels.size()));
    if (pixels.size() == files.size())
        return {firstOfContent(pixels), {}, 0};
    Copies copies{std::vector<size_t>(files.size()), {}, 0};
    std::iota(copies.firsts.begin(), copies.firsts.end(), size_t(0));
    if (files.size() > kMeasuredFiles) {
        copies.notCompared = said("Copies were not looked for: of more than %1 images none are compared.", {kMeasuredFiles});
        return copies;
    }
    FileContents contents(folder, cache);
    std::vector<Places> groups = alikeBy({copies.firsts}, [&](size_t place) { return contents.sizeOf(files[place].name); });
    groups = alikeBy(groups, [&](size_t place) { return contents.partsOf(files[place].name); });
    groups = alikeBy(groups, [&](size_t place) { return contents.wholeOf(files[place].name); });
    for (const Places &group : groups)
        for (size_t place : group)
            copies.firsts[place] = group.front();
    copies.read = contents.bytesRead();
    contents.keep();
    return copies;
}

} // namespace pretext
