#include "core/data/sources/idx.h"

#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

std::string hexOf(const std::vector<uint8_t> &bytes, size_t count)
{
    std::string text;
    for (size_t i = 0; i < std::min(count, bytes.size()); ++i) {
        text += i ? " " : "";
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text.empty() ? pretext::said("nothing") : text;
}

} // namespace

void failIdx(const fs::path &path, const std::string &why)
{
    throw std::invalid_argument("[idx] " + shownPath(path) + ": " + why);
}

namespace {

/// The header alone, so that nothing is read on a damaged one's word.
std::vector<int64_t> readIdxExtents(const fs::path &path)
{
    const std::vector<uint8_t> magic = firstBytes(path, 4);
    if (magic.size() < 4 || magic[0] || magic[1])
        failIdx(path, pretext::said("not an IDX file: it begins with %1, expected 00 00 08 and the number of axes", {hexOf(magic, 4)}));
    if (magic[2] != 0x08)
        failIdx(path, pretext::said("its values have type %1; only unsigned bytes (08) can be read", {hexOf({magic[2]}, 1)}));
    const size_t rank = magic[3], header = 4 + 4 * rank;
    if (rank < 1 || rank > 4)
        failIdx(path, pretext::said("announces %1 axes; 1 to 4 can be read", {rank}));
    const std::vector<uint8_t> bytes = firstBytes(path, header);
    if (bytes.size() < header)
        failIdx(path, pretext::said("truncated within its header; get it again"));
    std::vector<int64_t> extents;
    for (size_t axis = 0; axis < rank; ++axis) {
        const uint8_t *b = bytes.data() + 4 + 4 * axis;
        extents.push_back(int64_t(b[0]) << 24 | b[1] << 16 | b[2] << 8 | b[3]);
    }
    return extents;
}

/// What the header announces is held against the file and the bound, before anything of it takes memory.
void checkIdxSize(const fs::path &path, size_t header, double announced)
{
    const FileExtent file = extentOf(path);
    if (announced + double(header) > double(file.most)) {
        const bool truncated = announced < 1e12;
        const std::string values = announced < 1e15 ? said("%1 values", {uint64_t(announced)}) : said("%1 of values", {bytesInWords(announced)});
        const char *gzip = truncated ? PRETEXT_SAID("truncated: its header announces %1, more than %2 of gzip can hold; get it again")
                                     : PRETEXT_SAID("damaged: its header announces %1, more than %2 of gzip can hold; get it again");
        const char *plain = truncated ? PRETEXT_SAID("truncated: its header announces %1, %2 are there; get it again")
                                      : PRETEXT_SAID("damaged: its header announces %1, %2 are there; get it again");
        failIdx(path, file.gzip ? said(gzip, {values, bytesInWords(double(file.packed))}) : said(plain, {values, file.packed - header}));
    }
    if (file.gzip && announced > double(mostUnpacked()))
        failIdx(path, unlessRaised(said("its header announces %1, more than the %2 that are read of compressed data",
                                        {bytesInWords(announced), bytesInWords(double(mostUnpacked()))}),
                                   announced));
}

} // namespace

IdxArray readIdx(const fs::path &path)
{
    IdxArray array;
    array.extents = readIdxExtents(path);
    const size_t header = 4 + 4 * array.extents.size();
    double announced = 1; // as a double it cannot overflow
    for (int64_t extent : array.extents)
        announced *= double(extent);
    checkIdxSize(path, header, announced);
    const size_t size = static_cast<size_t>(announced);
    std::vector<uint8_t> bytes = firstBytes(path, header + size + 1);
    if (bytes.size() != header + size)
        failIdx(path, bytes.size() < header + size
                          ? said("truncated: its header announces %1, %2 are there; get it again", {said("%1 values", {size}), bytes.size() - header})
                          : said("longer than the %1 values its header announces; it is damaged", {size}));
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
    array.values = std::move(bytes);
    return array;
}

} // namespace pretext
