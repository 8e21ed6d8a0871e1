// Files into memory, plain or gzip, in pieces: what a compressed file holds is held against a bound before it takes any memory.
#include "core/data/interruption.h"
#include "core/data/sources/source.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>

#include <unistd.h>

namespace pretext {

namespace {

/// zlib's message without "<fd:3>: ", all that it knows of the file's name.
std::string withoutDescriptor(const std::string &message)
{
    const size_t end = message.find(">: ");
    return message.starts_with("<fd:") && end != std::string::npos ? message.substr(end + 3) : message;
}

constexpr uint64_t kUsualMost = uint64_t(2) << 30;
constexpr uint64_t kLargestRatio = 1032; // of deflate: what a compressed byte can stand for at most

[[noreturn]] void failBytes(const std::filesystem::path &path, const std::string &why)
{
    throw std::invalid_argument("[data] " + shownPath(path) + ": " + why);
}

class GzipFile
{
public:
    explicit GzipFile(const std::filesystem::path &path) : m_path(path)
    {
        RegularFile file(path);
        m_packed = file.size();
        m_handle = gzdopen(file.descriptor(), "rb"); // zlib passes a file without the gzip signature through as it is
        if (!m_handle)
            failBytes(path, pretext::said("cannot be opened: there is no memory for it"));
        file.release();
        gzbuffer(m_handle, 1 << 17);
    }
    ~GzipFile() { gzclose(m_handle); }
    GzipFile(const GzipFile &) = delete;
    GzipFile &operator=(const GzipFile &) = delete;

    uint64_t packed() const { return m_packed; }
    bool isPlain() { return gzdirect(m_handle) != 0; }
    void rewind() { gzrewind(m_handle); }

    /// Fewer than `size` at the end.
    size_t read(void *to, size_t size)
    {
        Interruptible::check();
        const int got = gzread(m_handle, to, static_cast<unsigned>(size));
        int error = Z_OK;
        const char *message = gzerror(m_handle, &error);
        if (got < 0 || error == Z_BUF_ERROR)
            failBytes(m_path, isPlain() ? pretext::said("cannot be read to its end: %1", {std::strerror(errno)})
                                        : pretext::said("damaged gzip file (%1); get it again",
                                                        {error == Z_ERRNO ? std::string(std::strerror(errno)) : withoutDescriptor(message)}));
        return static_cast<size_t>(got);
    }

    /// Whether there is more in it than `most`; read through without keeping it where its size does not tell.
    bool holdsMoreThan(uint64_t most)
    {
        if (isPlain())
            return m_packed > most;
        if (m_packed <= most / kLargestRatio)
            return false;
        std::vector<uint8_t> piece(1 << 18);
        uint64_t size = 0;
        for (size_t got = piece.size(); size <= most && got == piece.size();)
            size += got = read(piece.data(), piece.size());
        rewind();
        return size > most;
    }

private:
    const std::filesystem::path m_path;
    gzFile m_handle = nullptr;
    uint64_t m_packed = 0;
};

/// Grown by what is really there: a header may announce more than fits into memory.
std::vector<uint8_t> readUpTo(GzipFile &file, uint64_t limit)
{
    constexpr uint64_t kFirst = 64 << 10, kLargest = 64 << 20;
    std::vector<uint8_t> bytes;
    if (file.isPlain())
        bytes.reserve(std::min(limit, file.packed()));
    while (bytes.size() < limit) {
        const size_t have = bytes.size(), want = std::min(std::clamp<uint64_t>(have, kFirst, kLargest), limit - have);
        bytes.resize(have + want);
        const size_t got = file.read(bytes.data() + have, want);
        bytes.resize(have + got);
        if (got < want)
            break;
    }
    return bytes;
}

} // namespace

uint64_t mostUnpacked()
{
    const char *asked = std::getenv("PRETEXT_MAX_BYTES");
    if (!asked || !*asked)
        return kUsualMost;
    double number = 0;
    const char *end = asked + std::strlen(asked);
    auto [at, error] = std::from_chars(asked, end, number);
    static constexpr std::string_view kUnits = "KMGT";
    size_t unit = std::string_view::npos;
    if (error == std::errc() && end - at == 1)
        unit = kUnits.find(*at);
    if (error != std::errc() || (at != end && unit == std::string_view::npos) || !(number >= 1) || number > 1e12)
        throw std::invalid_argument(
            "[data] " + said("PRETEXT_MAX_BYTES is '%1'; it must be a number of bytes, or one with K, M, G or T, such as 8G", {shownText(asked)}));
    return static_cast<uint64_t>(std::min(number * std::exp2(unit == std::string_view::npos ? 0 : 10. * double(unit + 1)), 1e18));
}

uint64_t raisedBound(uint64_t usual)
{
    const char *asked = std::getenv("PRETEXT_MAX_BYTES");
    return asked && *asked ? std::max(usual, mostUnpacked()) : usual;
}

std::string bytesInWords(double bytes)
{
    static const std::array units = {"", " KiB", " MiB", " GiB", " TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < units.size(); ++unit)
        bytes /= 1024;
    if (bytes >= 1e6)
        return pretext::said("millions of TiB");
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || bytes >= 100 ? "%.0f" : "%.1f", bytes);
    return unit == 0 ? pretext::said("%1 bytes", {text}) : std::string(text) + units[unit];
}

std::string unlessRaised(const std::string &refusal, double bytes)
{
    return pretext::said("%1; if it is meant so, set PRETEXT_MAX_BYTES=%2 in the environment",
                         {refusal, bytes < 1e15 ? std::to_string(uint64_t(std::max(1., std::ceil(bytes / double(1 << 30))))) + "G" : "NUMBER"});
}

std::vector<uint8_t> firstBytes(const std::filesystem::path &path, size_t count)
{
    GzipFile file(path);
    return readUpTo(file, count);
}

std::vector<uint8_t> wholeBytes(const std::filesystem::path &path, uint64_t usual, Bound bound)
{
    GzipFile file(path);
    const bool raisable = bound == Bound::raisable;
    const uint64_t most = raisable ? raisedBound(usual) : usual;
    if (most > 0 && file.holdsMoreThan(most)) {
        const std::string refusal = pretext::said("holds more than the %1 that can be read of such a file", {bytesInWords(double(most))});
        failBytes(path, raisable ? unlessRaised(refusal, file.isPlain() ? double(file.packed()) : 4. * double(most)) : refusal);
    }
    if (const double unpacked = double(mostUnpacked()); !file.isPlain() && file.holdsMoreThan(mostUnpacked()))
        failBytes(path, unlessRaised(pretext::said("holds more than the %1 that are read of compressed data", {bytesInWords(unpacked)}), 2. * unpacked));
    return readUpTo(file, UINT64_MAX);
}

FileExtent extentOf(const std::filesystem::path &path)
{
    GzipFile file(path);
    return {file.packed(), file.isPlain() ? file.packed() : file.packed() * kLargestRatio, !file.isPlain()};
}

} // namespace pretext
