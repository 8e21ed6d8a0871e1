// NumPy's format, version 1.0: magic, a header that is a Python dictionary padded to 64 bytes, raw little-endian data in C order.
#include "core/exchange/export.h"
#include "core/files/safetensors.h"

#include <cstring>

namespace pretext {
namespace {

void write(const std::filesystem::path &path, const char *type, const std::string &shape, const void *data, size_t size)
{
    std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + shape + ", }";
    constexpr size_t kPreamble = 10; // magic, version, length of the header
    header.append(63 - (kPreamble + header.size()) % 64, ' ').push_back('\n');
    std::vector<std::byte> bytes(kPreamble + header.size() + size);
    const uint16_t length = uint16_t(header.size());
    std::memcpy(bytes.data(), "\x93NUMPY\x01\x00", 8);
    std::memcpy(&bytes[8], &length, 2);
    std::memcpy(&bytes[kPreamble], header.data(), header.size());
    if (size > 0)
        std::memcpy(&bytes[kPreamble + header.size()], data, size);
    writeFileAtomically(path, bytes);
}

} // namespace

void writeNpy(const std::filesystem::path &path, const Matrix &matrix)
{
    write(path, "<f4", "(" + std::to_string(matrix.rows) + ", " + std::to_string(matrix.columns) + ")", matrix.values.data(),
          matrix.values.size() * sizeof(float));
}

void writeNpy(const std::filesystem::path &path, const std::vector<int32_t> &values)
{
    write(path, "<i4", "(" + std::to_string(values.size()) + ",)", values.data(), values.size() * sizeof(int32_t));
}

} // namespace pretext
