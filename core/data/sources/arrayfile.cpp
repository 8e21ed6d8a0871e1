#include "core/data/sources/arrayfile.h"

#include "core/data/sources/archivereader.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLargestArrayHeader = 1 << 16;
constexpr double kLargestArray = 1e11;

/// The Python dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, its values as they are written.
std::string valueOf(std::string_view header, std::string_view key)
{
    const size_t at = header.find("'" + std::string(key) + "':");
    if (at == std::string_view::npos)
        return {};
    size_t begin = at + key.size() + 3;
    while (begin < header.size() && header[begin] == ' ')
        ++begin;
    const char end = begin < header.size() && header[begin] == '(' ? ')' : ',';
    const size_t stop = header.find(end, begin);
    return stop == std::string_view::npos ? std::string() : std::string(header.substr(begin, stop - begin));
}

std::vector<int64_t> shapeOf(const std::string &text, const fs::path &path)
{
    std::vector<int64_t> shape;
    double count = 1;
    for (const char *at = text.data() + 1, *end = text.data() + text.size(); at < end;) {
        int64_t extent = 0;
        const auto [next, error] = std::from_chars(at, end, extent);
        if (error != std::errc() || extent < 0)
            failArray(path, pretext::said("its header's shape cannot be read; it is damaged"));
        shape.push_back(extent);
        count *= std::max(1., double(extent)); // a nought must not hide what else is impossible
        for (at = next; at < end && (*at == ',' || *at == ' ');)
            ++at;
    }
    if (count > kLargestArray || shape.size() > 8)
        failArray(path, pretext::said("its header announces %1 axes and more values than can be; it is damaged", {shape.size()}));
    return shape;
}

/// "u1" of "'|u1'".
std::string typeOfArray(const std::string &descr, const fs::path &path)
{
    static constexpr std::array kKnown = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"};
    const std::string type = descr.size() == 5 ? descr.substr(2, 2) : std::string();
    if (std::find(kKnown.begin(), kKnown.end(), type) == kKnown.end())
        failArray(path, pretext::said("its dtype is %1; save it as uint8 or float32 (labels: as whole numbers)",
                                      {descr.empty() || descr.front() == '[' || descr.size() > 40 ? pretext::said("a record") : shownText(descr)}));
    if (descr[1] == '>' && type[1] != '1')
        failArray(path, pretext::said("its dtype %1 is big-endian; save it as .astype('<%2')", {descr, type}));
    return type;
}

/// The array without its bytes, and how many its header takes. `bytes`: the beginning, at least the header where it is whole.
NumpyArray parseHeader(const std::vector<uint8_t> &bytes, const fs::path &path, size_t &header)
{
    if (bytes.size() < 12 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0)
        failArray(path, said("not a NumPy array: it does not begin as one"));
    const bool wide = bytes[6] >= 2;
    const size_t begin = wide ? 12 : 10;
    const size_t length =
        wide ? size_t(bytes[8]) | size_t(bytes[9]) << 8 | size_t(bytes[10]) << 16 | size_t(bytes[11]) << 24 : size_t(bytes[8]) | size_t(bytes[9]) << 8;
    header = begin + length;
    if (bytes[6] < 1 || bytes[6] > 3 || length > kLargestArrayHeader || header > bytes.size())
        failArray(path, said("truncated or damaged in its header; save it again"));
    const std::string_view text(reinterpret_cast<const char *>(bytes.data()) + begin, length);
    NumpyArray array;
    array.type = typeOfArray(valueOf(text, "descr"), path);
    const std::string shape = valueOf(text, "shape"), order = valueOf(text, "fortran_order");
    if (shape.empty() || (order != "False" && order != "True"))
        failArray(path, said("its header names no shape or order; it is damaged"));
    array.shape = shapeOf(shape, path);
    if (order == "True" && array.shape.size() > 1)
        failArray(path, said("its values are in Fortran order; save it as numpy.ascontiguousarray(x)"));
    return array;
}

size_t sizeOf(const NumpyArray &array)
{
    return static_cast<size_t>(array.count()) * static_cast<size_t>(array.type[1] - '0');
}

void checkLength(const NumpyArray &array, uint64_t there, const fs::path &path)
{
    if (there != sizeOf(array))
        failArray(path, said("its header announces %1, %2 bytes, but %3 are there; it is truncated or damaged, save it again",
                             {array.describe(), sizeOf(array), there}));
}

NumpyArray parsed(std::vector<uint8_t> bytes, const fs::path &path)
{
    size_t header = 0;
    NumpyArray array = parseHeader(bytes, path, header);
    checkLength(array, bytes.size() - header, path);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
    array.bytes = std::move(bytes);
    return array;
}

template<class T>
double valueAs(const std::vector<uint8_t> &bytes, int64_t index)
{
    T value;
    std::memcpy(&value, bytes.data() + static_cast<size_t>(index) * sizeof value, sizeof value);
    return static_cast<double>(value);
}

} // namespace

int64_t NumpyArray::count() const
{
    int64_t count = 1;
    for (int64_t extent : shape)
        count *= extent;
    return count;
}

double NumpyArray::value(int64_t index) const
{
    const bool isSigned = type[0] == 'i';
    switch (type[0] == 'f' ? type[1] + 1 : type[1]) {
    case '1': return isSigned ? valueAs<int8_t>(bytes, index) : valueAs<uint8_t>(bytes, index);
    case '2': return isSigned ? valueAs<int16_t>(bytes, index) : valueAs<uint16_t>(bytes, index);
    case '4': return isSigned ? valueAs<int32_t>(bytes, index) : valueAs<uint32_t>(bytes, index);
    case '8': return isSigned ? valueAs<int64_t>(bytes, index) : valueAs<uint64_t>(bytes, index);
    case '5': return valueAs<float>(bytes, index);
    default: return valueAs<double>(bytes, index);
    }
}

std::string NumpyArray::describe() const
{
    std::string text;
    for (int64_t extent : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(extent);
    static const std::map<char, std::string> kinds = {{'u', "uint"}, {'i', "int"}, {'f', "float"}};
    const std::string kind = kinds.at(type[0]) + std::to_string(8 * (type[1] - '0'));
    return text.empty() ? pretext::said("one value of %1", {kind}) : pretext::said("%1 of %2", {text, kind});
}

void failArray(const fs::path &path, const std::string &why)
{
    throw std::invalid_argument("[array] " + shownPath(path) + ": " + why);
}

NumpyArray readNpy(const fs::path &path)
{
    // Held against the file's size before the values take memory.
    size_t header = 0;
    const NumpyArray announced = parseHeader(firstBytes(path, kLargestArrayHeader + 12), path, header);
    const FileExtent extent = extentOf(path);
    if (!extent.gzip)
        checkLength(announced, extent.packed - header, path);
    return parsed(wholeBytes(path), path);
}

std::map<std::string, NumpyArray> readNpz(const fs::path &path)
{
    std::map<std::string, NumpyArray> arrays;
    ArchiveReader reader(path);
    while (reader.next()) {
        if (reader.kind() != EntryKind::file || !reader.name().ends_with(".npy"))
            continue;
        std::vector<uint8_t> bytes;
        for (size_t got = 1; got > 0;) {
            const size_t have = bytes.size(), want = std::clamp<size_t>(have, 1 << 16, 1 << 26);
            bytes.resize(have + want);
            got = reader.read(bytes.data() + have, want);
            bytes.resize(have + got);
        }
        arrays.emplace(reader.name().substr(0, reader.name().size() - 4), parsed(std::move(bytes), path / reader.name()));
    }
    return arrays;
}

} // namespace pretext
