// Whole files into memory, plain or gzip.
#include "core/data/sources/source.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace pretext {

namespace {

struct GzipFile
{
    explicit GzipFile(const std::filesystem::path &path) : handle(gzopen(path.c_str(), "rb")) {}
    ~GzipFile() { if (handle) gzclose(handle); }
    GzipFile(const GzipFile &) = delete;
    GzipFile &operator=(const GzipFile &) = delete;

    gzFile handle;
};

} // namespace

std::vector<uint8_t> readBytes(const std::filesystem::path &path, size_t limit)
{
    const auto fail = [&](const std::string &why) { throw std::invalid_argument("[data] " + path.string() + ": " + why); };
    if (!std::filesystem::is_regular_file(path))
        fail("is not a file"); // a pipe would be waited for
    const GzipFile file(path); // zlib passes a file without the gzip signature through as it is
    if (!file.handle)
        fail(std::string("cannot be opened (") + std::strerror(errno) + ")");
    gzbuffer(file.handle, 1 << 17);

    // Grown by what is really there: a header may announce more than fits into memory.
    constexpr size_t kFirst = 64 << 10, kLargest = 64 << 20;
    std::vector<uint8_t> bytes;
    while (bytes.size() < limit) {
        const size_t have = bytes.size(), want = std::min(std::clamp(have, kFirst, kLargest), limit - have);
        bytes.resize(have + want);
        const int got = gzread(file.handle, bytes.data() + have, static_cast<unsigned>(want));
        int error = Z_OK;
        const char *message = gzerror(file.handle, &error);
        if (got < 0 || error == Z_BUF_ERROR)
            fail(std::string("damaged gzip file (") + (error == Z_ERRNO ? std::strerror(errno) : message) + "); get it again");
        bytes.resize(have + static_cast<size_t>(got));
        if (static_cast<size_t>(got) < want)
            break;
    }
    return bytes;
}

} // namespace pretext
