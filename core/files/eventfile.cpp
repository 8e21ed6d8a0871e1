#include "core/files/eventfile.h"

#include "core/files/said.h"

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::array<uint32_t, 256> kCastagnoli = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ (value & 1 ? 0x82f63b78u : 0);
        table[i] = value;
    }
    return table;
}();

template<class T>
std::string bytesOf(T value)
{
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

/// TFRecord's: a CRC of data that hold CRCs is none to rely on.
std::string maskedCrc(std::string_view bytes)
{
    const uint32_t crc = crc32c(bytes);
    return bytesOf(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
}

/// The parts of a protocol buffer, by the number of the field.
std::string varint(uint64_t value)
{
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += char(value | 0x80);
    return bytes + char(value);
}
std::string whole(int field, uint64_t value)
{
    return varint(uint64_t(field) << 3 | 0) + varint(value);
}
std::string real64(int field, double value)
{
    return varint(uint64_t(field) << 3 | 1) + bytesOf(value);
}
std::string real32(int field, float value)
{
    return varint(uint64_t(field) << 3 | 5) + bytesOf(value);
}
std::string block(int field, const std::string &bytes)
{
    return varint(uint64_t(field) << 3 | 2) + varint(bytes.size()) + bytes;
}

// event.proto and summary.proto of TensorFlow.
enum EventField { wallTime = 1, stepOfEvent = 2, fileVersion = 3, summary = 5, sessionLog = 7 };
enum SummaryField { value = 1 };
enum ValueField { tag = 1, simpleValue = 2 };
enum SessionField { status = 1 };
constexpr uint64_t kSessionStart = 1;

fs::path newFile(const fs::path &folder, double seconds)
{
    const std::string stem = "events.out.tfevents." + std::to_string(int64_t(seconds)) + ".pretext";
    fs::path path = folder / stem;
    for (int again = 2; fs::exists(path); ++again)
        path = folder / (stem + "-" + std::to_string(again));
    return path;
}

} // namespace

uint32_t crc32c(std::string_view bytes)
{
    uint32_t crc = ~0u;
    for (const char byte : bytes)
        crc = (crc >> 8) ^ kCastagnoli[(crc ^ uint8_t(byte)) & 0xff];
    return ~crc;
}

EventFile::EventFile(const fs::path &folder, int64_t step, double seconds)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw std::runtime_error(folder.string() + ": " + pretext::said("cannot be created: %1; choose another folder", {error.message()}));
    m_path = newFile(folder, seconds);
    errno = 0;
    m_file.open(m_path, std::ios::binary);
    if (!m_file)
        throw std::runtime_error(m_path.string() + ": " + pretext::said("cannot be written: %1", {std::strerror(errno)}));
    write(real64(wallTime, seconds) + block(fileVersion, "brain.Event:2"));
    write(real64(wallTime, seconds) + whole(stepOfEvent, uint64_t(step)) + block(sessionLog, whole(status, kSessionStart)));
}

double EventFile::now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void EventFile::append(int64_t step, double seconds, const std::vector<std::pair<std::string, double>> &scalars)
{
    std::string values;
    for (const auto &[name, number] : scalars)
        if (!std::isnan(number))
            values += block(value, block(tag, name) + real32(simpleValue, float(number)));
    write(real64(wallTime, seconds) + whole(stepOfEvent, uint64_t(step)) + block(summary, values));
}

void EventFile::write(const std::string &event)
{
    const std::string length = bytesOf(uint64_t(event.size()));
    const std::string record = length + maskedCrc(length) + event + maskedCrc(event);
    errno = 0;
    m_file.write(record.data(), std::streamsize(record.size())).flush();
    if (!m_file)
        throw std::runtime_error(m_path.string() + ": " + pretext::said("cannot be written: %1; make room and resume", {std::strerror(errno)}));
}

} // namespace pretext
