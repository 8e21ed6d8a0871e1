#include "core/data/sources/idx.h"

#include "core/data/sources/source.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

std::string hex(const std::vector<uint8_t> &bytes, size_t count)
{
    std::string text;
    for (size_t i = 0; i < std::min(count, bytes.size()); ++i) {
        text += i ? " " : "";
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text.empty() ? "nothing" : text;
}

} // namespace

void failIdx(const fs::path &path, const std::string &why)
{
    throw std::invalid_argument("[idx] " + path.string() + ": " + why);
}

IdxArray readIdx(const fs::path &path)
{
    const std::vector<uint8_t> magic = readBytes(path, 4);
    if (magic.size() < 4 || magic[0] || magic[1])
        failIdx(path, "not an IDX file: it begins with " + hex(magic, 4) + ", expected 00 00 08 and the number of axes");
    if (magic[2] != 0x08)
        failIdx(path, "its values have type " + hex({magic[2]}, 1) + "; only unsigned bytes (08) can be read");
    const size_t rank = magic[3], header = 4 + 4 * rank;
    if (rank < 1 || rank > 4)
        failIdx(path, "announces " + std::to_string(rank) + " axes; 1 to 4 can be read");

    std::vector<uint8_t> bytes = readBytes(path, header);
    IdxArray array;
    double announced = 1; // as a double it cannot overflow
    for (size_t axis = 0; axis < rank && bytes.size() == header; ++axis) {
        const uint8_t *b = bytes.data() + 4 + 4 * axis;
        array.extents.push_back(int64_t(b[0]) << 24 | b[1] << 16 | b[2] << 8 | b[3]);
        announced *= double(array.extents.back());
    }
    constexpr double kLargest = 1e11;
    if (bytes.size() < header || announced > kLargest)
        failIdx(path, bytes.size() < header ? "truncated within its header; get it again" : "its header announces more than 100 GB; it is damaged");
    const size_t size = static_cast<size_t>(announced);
    bytes = readBytes(path, header + size + 1);
    if (bytes.size() != header + size)
        failIdx(path, bytes.size() < header + size ? "truncated: its header announces " + std::to_string(size) + " values, "
                       + std::to_string(bytes.size() - header) + " are there; get it again"
                       : "longer than the " + std::to_string(size) + " values its header announces; it is damaged");
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
    array.values = std::move(bytes);
    return array;
}

} // namespace pretext
