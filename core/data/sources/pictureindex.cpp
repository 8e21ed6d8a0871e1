#include "core/data/sources/pictureindex.h"

#include "core/data/sources/source.h"
#include "core/files/usercache.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

// As a number, so that a machine of another byte order does not know it. Another layout gets another last digit.
constexpr uint64_t kIndexVersion = 0x5072657465787401; // "Pretext", 1
constexpr uint64_t kContentsVersion = 0x5072657465787481;
constexpr auto kSettled = std::chrono::seconds(2);

uint64_t checksum(const char *bytes, size_t size)
{
    return crc32_z(0, reinterpret_cast<const Bytef *>(bytes), size);
}

class IndexWriter
{
public:
    void number(uint64_t value) { append(&value, sizeof value); }
    void text(std::string_view text)
    {
        number(text.size());
        append(text.data(), text.size());
    }
    void append(const void *data, size_t size)
    {
        const auto *bytes = static_cast<const std::byte *>(data);
        m_bytes.insert(m_bytes.end(), bytes, bytes + size);
    }
    void reserve(size_t size) { m_bytes.reserve(size); }
    std::vector<std::byte> sealed()
    {
        number(checksum(reinterpret_cast<const char *>(m_bytes.data()), m_bytes.size()));
        return std::move(m_bytes);
    }

private:
    std::vector<std::byte> m_bytes;
};

/// Throws std::runtime_error at the end of what is there.
class IndexReader
{
public:
    explicit IndexReader(const std::vector<char> &bytes) : m_bytes(bytes), m_end(bytes.size()) {}
    bool sealed()
    {
        if (m_end < sizeof(uint64_t))
            return false;
        m_at = m_end - sizeof(uint64_t);
        const uint64_t sum = number();
        m_end -= sizeof(uint64_t);
        m_at = 0;
        return sum == checksum(m_bytes.data(), m_end);
    }
    uint64_t number()
    {
        uint64_t value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    std::string text()
    {
        const uint64_t size = number();
        return {take(size), size};
    }
    size_t at() const { return m_at; }
    size_t end() const { return m_end; }

private:
    const char *take(uint64_t size)
    {
        if (size > m_end - m_at)
            throw std::runtime_error("truncated index");
        m_at += size;
        return m_bytes.data() + m_at - size;
    }

    const std::vector<char> &m_bytes;
    size_t m_at = 0, m_end;
};

/// Empty where it cannot be read.
std::vector<char> wholeFile(const fs::path &path)
{
    std::error_code none;
    if (!fs::is_regular_file(path, none))
        return {};
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::vector<char> bytes(file ? static_cast<size_t>(std::max<std::streamoff>(file.tellg(), 0)) : 0);
    file.seekg(0);
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        bytes.clear();
    return bytes;
}

int64_t nanoseconds(const timespec &time)
{
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

fs::path contentsPath(const fs::path &folder)
{
    fs::path path = pictureIndexPath(folder);
    return path.empty() ? path : path.replace_extension(".contents");
}

/// Where the names begin; 0 where the index is not of this folder as it is now.
size_t holds(const std::vector<char> &bytes, const fs::path &folder)
{
    IndexReader in(bytes);
    if (!in.sealed() || in.number() != kIndexVersion || in.text() != fs::canonical(folder).string())
        return 0;
    for (uint64_t count = in.number(); count > 0; --count) {
        FolderStamp stamp{in.text()};
        stamp.number = in.number();
        stamp.modified = static_cast<int64_t>(in.number());
        stamp.changed = static_cast<int64_t>(in.number());
        if (stamp != FolderStamp::of(stamp.path))
            return 0;
    }
    return in.at();
}

} // namespace

FolderStamp FolderStamp::of(const std::string &path)
{
    struct stat found;
    if (::stat(path.c_str(), &found) != 0)
        return {path};
    return {path, found.st_ino, nanoseconds(found.st_mtim), nanoseconds(found.st_ctim)};
}

fs::path pictureIndexPath(const fs::path &folder)
{
    const fs::path cache = userCache("pictures");
    return cache.empty() ? cache : cache / (std::to_string(stableHash(fs::canonical(folder).string())) + ".index");
}

bool readPictureIndex(PictureList &list)
{
    try {
        const fs::path path = pictureIndexPath(list.folder);
        std::vector<char> bytes = wholeFile(path);
        const size_t begin = holds(bytes, list.folder);
        if (begin == 0)
            return false;
        bytes.resize(bytes.size() - sizeof(uint64_t)); // the checksum
        list.text = std::move(bytes);
        nameFiles(list, begin);
        markUsed(path);
        return true;
    } catch (const std::exception &) {
        return false;
    }
}

void keepPictureIndex(const PictureList &list, const std::vector<FolderStamp> &stamps, std::chrono::system_clock::time_point begun)
{
    const int64_t settled = std::chrono::nanoseconds((begun - kSettled).time_since_epoch()).count();
    if (std::any_of(stamps.begin(), stamps.end(), [&](const FolderStamp &stamp) { return std::max(stamp.modified, stamp.changed) > settled; }))
        return;
    const fs::path path = pictureIndexPath(list.folder);
    if (path.empty())
        return;
    IndexWriter out;
    out.reserve(list.text.size() + stamps.size() * 256);
    out.number(kIndexVersion);
    out.text(fs::canonical(list.folder).string());
    out.number(stamps.size());
    for (const FolderStamp &stamp : stamps) {
        out.text(stamp.path);
        for (uint64_t value : {stamp.number, uint64_t(stamp.modified), uint64_t(stamp.changed)})
            out.number(value);
    }
    for (const PictureFile &file : list.files)
        out.append(file.name.data(), file.name.size() + 1); // with the zero behind it
    keepInCache(path, out.sealed());
}

KnownContents readKnownContents(const fs::path &folder)
{
    try {
        const fs::path path = contentsPath(folder);
        const std::vector<char> bytes = wholeFile(path);
        IndexReader in(bytes);
        if (!in.sealed() || in.number() != kContentsVersion || in.text() != fs::canonical(folder).string())
            return {};
        KnownContents contents;
        for (uint64_t count = in.number(); count > 0; --count) {
            KnownContent &content = contents[in.text()];
            content.size = in.number();
            content.modified = static_cast<int64_t>(in.number());
            content.changed = static_cast<int64_t>(in.number());
            content.parts = in.number();
            content.whole = in.number();
        }
        markUsed(path);
        return contents;
    } catch (const std::exception &) {
        return {};
    }
}

void keepKnownContents(const fs::path &folder, const KnownContents &contents)
{
    const fs::path path = contentsPath(folder);
    if (path.empty())
        return;
    IndexWriter out;
    out.number(kContentsVersion);
    out.text(fs::canonical(folder).string());
    out.number(contents.size());
    for (const auto &[name, content] : contents) {
        out.text(name);
        for (uint64_t value : {content.size, uint64_t(content.modified), uint64_t(content.changed), content.parts, content.whole})
            out.number(value);
    }
    keepInCache(path, out.sealed());
}

void nameFiles(PictureList &list, size_t begin)
{
    const char *at = list.text.data() + begin, *end = list.text.data() + list.text.size();
    list.files.reserve(static_cast<size_t>(std::count(at, end, '\0')));
    for (const char *zero; at < end && (zero = std::find(at, end, '\0')) != end; at = zero + 1)
        list.files.push_back({std::string_view(at, static_cast<size_t>(zero - at))});
}

} // namespace pretext
