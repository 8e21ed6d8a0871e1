// Reading and writing safetensors. The reader trusts nothing: lengths, offsets, shapes and types are checked before a byte is used, and
// each error names the file, the tensor and both values. What we write carries a check sum of all its bytes in the metadata (taken with the
// sum's own digits as zeros), so that a byte that changed on the disk is found; files of others, and older ones, have none.
#include "core/files/safetensors.h"

#include "core/files/json.h"
#include "core/files/messagetext.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <set>
#include <span>
#include <stdexcept>

#include <zlib.h>

namespace pretext {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and copied as it is");

constexpr uint64_t kMaxHeader = 100'000'000; // the format's own limit
constexpr const char *kMetadata = "__metadata__";
constexpr const char *kKnownTypes = "F32, F64, F16, BF16, I32, I64, U8";
constexpr const char *kChecksum = "checksum";
const std::string kNoSum = "crc32:00000000";
const std::string kSumInHeader = "\"checksum\":\"" + kNoSum.substr(0, 6); // quotes within a text are written \", so this is found nowhere else

/// Bytes of one element; 0 for a type we do not know.
size_t elementSize(const std::string &dtype)
{
    if (dtype == "F64" || dtype == "I64")
        return 8;
    if (dtype == "F32" || dtype == "I32")
        return 4;
    return dtype == "BF16" || dtype == "F16" ? 2 : dtype == "U8" ? 1 : 0;
}

[[noreturn]] void fail(const std::filesystem::path &path, const std::string &what)
{
    throw std::runtime_error(said("%1: not a usable safetensors file: %2", {path.string(), what}));
}

template<class T>
std::span<const T> view(const FileTensor &tensor)
{
    return {reinterpret_cast<const T *>(tensor.bytes.data()), tensor.bytes.size() / sizeof(T)};
}

/// IEEE 754 binary16: a sign, five bits of exponent, ten of fraction.
float floatOfHalf(uint16_t half)
{
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const float size = exponent == 31 ? (fraction ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity())
                       : exponent     ? std::ldexp(float(fraction | 1024), exponent - 25)
                                      : std::ldexp(float(fraction), -24);
    return half >> 15 ? -size : size;
}

/// The bytes an element count takes, or nothing where a shape is negative or too large to count.
bool bytesOf(const std::vector<int64_t> &shape, size_t elementSize, uint64_t &bytes)
{
    bytes = elementSize;
    for (int64_t extent : shape)
        if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
            return false;
    return true;
}

struct Entry
{
    std::string name, dtype;
    std::vector<int64_t> shape;
    uint64_t begin = 0, end = 0;
};

struct Header
{
    std::map<std::string, std::string> metadata;
    std::vector<Entry> entries; // in the order of their data
    std::string checksum;       // as the file says; empty where it says none
    uint32_t sum = 0;           // of the header's length and text, to be gone on with over the data
};

uint32_t sumOf(const void *data, size_t size, uint32_t before)
{
    return static_cast<uint32_t>(crc32_z(before, static_cast<const Bytef *>(data), size));
}

std::string textOfSum(uint32_t sum)
{
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", sum);
    return kNoSum.substr(0, 6) + digits;
}

/// Where a header's text has the sum's digits, or npos.
size_t placeOfSum(const std::string &text)
{
    const size_t at = text.find(kSumInHeader);
    return at == std::string::npos || at + kSumInHeader.size() + 8 > text.size() ? std::string::npos : at + kSumInHeader.size();
}

uint32_t sumOfHeader(std::string text)
{
    const uint64_t length = text.size();
    if (const size_t at = placeOfSum(text); at != std::string::npos)
        text.replace(at, 8, "00000000");
    return sumOf(text.data(), text.size(), sumOf(&length, sizeof length, 0));
}

nlohmann::json parseHeader(const std::filesystem::path &path, const std::string &text)
{
    try {
        checkJsonBounds(text);
    } catch (const std::invalid_argument &error) {
        fail(path, pretext::said("its header %1", {error.what()}));
    }
    std::set<std::string> names;
    std::string twice;
    auto noteNames = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json &parsed) {
        if (depth == 1 && event == nlohmann::json::parse_event_t::key && !names.insert(parsed.get<std::string>()).second)
            twice = parsed.get<std::string>();
        return true;
    };
    nlohmann::json json = nlohmann::json::parse(text, noteNames, false);
    if (json.is_discarded() || !json.is_object())
        fail(path, pretext::said("its header is not a JSON object"));
    if (!twice.empty())
        fail(path, pretext::said("its header names \"%1\" twice", {twice}));
    return json;
}

Entry parseEntry(const std::filesystem::path &path, const std::string &name, const nlohmann::json &json)
{
    auto unsignedIntegers = [](const nlohmann::json &list) {
        return list.is_array() && std::ranges::all_of(list, [](const auto &value) { return value.is_number_unsigned(); });
    };
    if (!json.is_object() || !json.contains("dtype") || !json["dtype"].is_string() || !json.contains("shape") || !unsignedIntegers(json["shape"])
        || !json.contains("data_offsets") || !unsignedIntegers(json["data_offsets"]) || json["data_offsets"].size() != 2)
        fail(path, said("tensor \"%1\" lacks a dtype, a shape or two data_offsets", {name}));

    Entry entry{name, json["dtype"], json["shape"], json["data_offsets"][0], json["data_offsets"][1]};
    const size_t size = elementSize(entry.dtype);
    if (size == 0)
        fail(path, said("tensor \"%1\" has the type \"%2\"; convert it to one of %3", {name, entry.dtype, kKnownTypes}));
    uint64_t bytes = 0;
    if (!bytesOf(entry.shape, size, bytes))
        fail(path, said("tensor \"%1\" has an impossible shape %2", {name, json["shape"].dump()}));
    if (entry.begin > entry.end || entry.end - entry.begin != bytes)
        fail(path, said("tensor \"%1\" has data_offsets %2, but its shape %3 of %4 takes %5 bytes",
                        {name, json["data_offsets"].dump(), json["shape"].dump(), entry.dtype, bytes}));
    return entry;
}

/// The format wants the data without overlaps and without holes.
void checkOffsets(const std::filesystem::path &path, const std::vector<Entry> &entries, uint64_t dataSize)
{
    uint64_t expected = 0;
    const Entry *previous = nullptr;
    for (const Entry &entry : entries) {
        if (entry.end > dataSize)
            fail(path, said("truncated: tensor \"%1\" ends at byte %2 of the data, which has %3", {entry.name, entry.end, dataSize}));
        if (entry.begin < expected)
            fail(path, said("tensors \"%1\" and \"%2\" overlap", {previous->name, entry.name}));
        if (entry.begin > expected)
            fail(path, said("bytes %1 to %2 belong to no tensor", {expected, entry.begin}));
        expected = entry.end;
        previous = &entry;
    }
    if (expected != dataSize)
        fail(path, said("its last %1 bytes belong to no tensor", {dataSize - expected}));
}

RegularFile openSafetensors(const std::filesystem::path &path)
{
    try {
        return RegularFile(path);
    } catch (const std::invalid_argument &error) {
        throw std::runtime_error(error.what());
    }
}

Header readHeader(const std::filesystem::path &path, RegularFile &file)
{
    const uint64_t fileSize = file.size();
    uint64_t length = 0;
    if (fileSize < sizeof length || !file.read(&length, sizeof length))
        fail(path, said("truncated: it has %1 bytes, the header's length alone takes 8", {fileSize}));
    if (length > kMaxHeader || length > fileSize - sizeof length)
        fail(path, said("its header claims %1 bytes, the file has %2", {length, fileSize}));
    std::string text(length, '\0');
    if (!file.read(text.data(), length))
        fail(path, said("truncated inside its header"));

    Header header;
    const nlohmann::json json = parseHeader(path, text);
    for (const auto &[name, value] : json.items()) {
        if (name != kMetadata) {
            header.entries.push_back(parseEntry(path, name, value));
            continue;
        }
        if (!value.is_object() || !std::ranges::all_of(value, [](const auto &text) { return text.is_string(); }))
            fail(path, said("its __metadata__ is not an object of strings"));
        header.metadata = value.get<std::map<std::string, std::string>>();
    }
    if (const auto checksum = header.metadata.find(kChecksum); checksum != header.metadata.end() && checksum->second.starts_with("crc32:")) {
        header.checksum = checksum->second;
        header.sum = sumOfHeader(text);
        header.metadata.erase(checksum);
    }
    std::ranges::sort(header.entries, {}, [](const Entry &entry) { return std::pair(entry.begin, entry.end); });
    checkOffsets(path, header.entries, fileSize - sizeof length - length);
    return header;
}

std::string headerText(const SafetensorsFile &file, const std::vector<const std::pair<const std::string, FileTensor> *> &order)
{
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    std::map<std::string, std::string> metadata = file.metadata;
    metadata[kChecksum] = kNoSum;
    json[kMetadata] = metadata;
    uint64_t offset = 0;
    for (const auto *entry : order) {
        const auto &[name, tensor] = *entry;
        json[name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + tensor.bytes.size()}}};
        offset += tensor.bytes.size();
    }
    std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    text.resize((text.size() + 7) / 8 * 8, ' '); // so that the data begins aligned
    return text;
}

void append(std::vector<std::byte> &bytes, const void *data, size_t size)
{
    if (size > 0)
        bytes.insert(bytes.end(), static_cast<const std::byte *>(data), static_cast<const std::byte *>(data) + size);
}

template<class T>
FileTensor fileTensor(const char *dtype, const std::vector<T> &values, std::vector<int64_t> shape)
{
    FileTensor tensor{dtype, std::move(shape), {}};
    append(tensor.bytes, values.data(), values.size() * sizeof(T));
    return tensor;
}

} // namespace

FileTensor FileTensor::of(const std::vector<float> &values, std::vector<int64_t> shape)
{
    return fileTensor("F32", values, std::move(shape));
}

FileTensor FileTensor::of(const std::vector<int32_t> &values, std::vector<int64_t> shape)
{
    return fileTensor("I32", values, std::move(shape));
}

std::vector<float> FileTensor::floats() const
{
    std::vector<float> values;
    if (dtype == "F32") {
        values.assign(view<float>(*this).begin(), view<float>(*this).end());
    } else if (dtype == "F64") {
        values.assign(view<double>(*this).begin(), view<double>(*this).end());
    } else if (dtype == "BF16") {
        for (uint16_t upperHalf : view<uint16_t>(*this))
            values.push_back(std::bit_cast<float>(static_cast<uint32_t>(upperHalf) << 16));
    } else if (dtype == "F16") {
        for (uint16_t half : view<uint16_t>(*this))
            values.push_back(floatOfHalf(half));
    } else {
        throw std::runtime_error("[safetensors] " + pretext::said("a tensor of %1 does not hold floating-point numbers (F32, F64, F16, BF16)", {dtype}));
    }
    return values;
}

std::vector<int32_t> FileTensor::ints() const
{
    std::vector<int32_t> values;
    if (dtype == "I32") {
        values.assign(view<int32_t>(*this).begin(), view<int32_t>(*this).end());
    } else if (dtype == "I64") {
        for (int64_t value : view<int64_t>(*this)) {
            if (value != static_cast<int32_t>(value))
                throw std::runtime_error("[safetensors] " + pretext::said("%1 does not fit into 32 bits", {value}));
            values.push_back(static_cast<int32_t>(value));
        }
    } else {
        throw std::runtime_error("[safetensors] " + pretext::said("a tensor of %1 does not hold whole numbers (I32, I64)", {dtype}));
    }
    return values;
}

SafetensorsFile readSafetensors(const std::filesystem::path &path)
{
    RegularFile file = openSafetensors(path);
    Header header = readHeader(path, file);
    SafetensorsFile result{{}, std::move(header.metadata)};
    uint32_t sum = header.sum;
    for (Entry &entry : header.entries) {
        FileTensor tensor{std::move(entry.dtype), std::move(entry.shape), std::vector<std::byte>(entry.end - entry.begin)};
        if (!file.read(tensor.bytes.data(), tensor.bytes.size()))
            fail(path, said("truncated inside tensor \"%1\"", {entry.name}));
        if (!header.checksum.empty())
            sum = sumOf(tensor.bytes.data(), tensor.bytes.size(), sum);
        result.tensors.emplace(std::move(entry.name), std::move(tensor));
    }
    if (!header.checksum.empty() && header.checksum != textOfSum(sum))
        fail(path, said("its bytes are not those that were written: the check sum is %1, the file says %2; it is damaged, or another program changed it and "
                        "kept the old sum",
                        {textOfSum(sum), shortened(header.checksum)}));
    return result;
}

std::map<std::string, std::string> readSafetensorsMetadata(const std::filesystem::path &path)
{
    RegularFile file = openSafetensors(path);
    return readHeader(path, file).metadata;
}

void writeSafetensors(const std::filesystem::path &path, const SafetensorsFile &file)
{
    std::vector<const std::pair<const std::string, FileTensor> *> order;
    for (const auto &entry : file.tensors) {
        const auto &[name, tensor] = entry;
        uint64_t bytes = 0;
        if (elementSize(tensor.dtype) == 0 || !bytesOf(tensor.shape, elementSize(tensor.dtype), bytes) || bytes != tensor.bytes.size())
            throw std::invalid_argument("[safetensors] "
                                        + said("tensor \"%1\" of %2 holds %3 bytes, its shape takes %4", {name, tensor.dtype, tensor.bytes.size(), bytes}));
        order.push_back(&entry);
    }
    // Wide elements first keep every tensor aligned to its own type.
    std::ranges::stable_sort(order, std::greater(), [](const auto *entry) { return elementSize(entry->second.dtype); });

    std::string header = headerText(file, order);
    const uint64_t length = header.size();
    uint32_t sum = sumOfHeader(header);
    for (const auto *entry : order)
        sum = sumOf(entry->second.bytes.data(), entry->second.bytes.size(), sum);
    header.replace(placeOfSum(header), 8, textOfSum(sum).substr(6));
    std::vector<std::byte> bytes;
    append(bytes, &length, sizeof length);
    append(bytes, header.data(), header.size());
    for (const auto *entry : order)
        append(bytes, entry->second.bytes.data(), entry->second.bytes.size());
    writeFileAtomically(path, bytes);
}

} // namespace pretext
