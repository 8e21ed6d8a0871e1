// The IDX format of MNIST and its kin: big-endian magic (two zero bytes, the type, the rank), the extents, then the values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

struct IdxArray
{
    std::vector<int64_t> extents;
    std::vector<uint8_t> values;
};

/// An array of unsigned bytes, plain or gzip. Throws std::invalid_argument naming the file and what is wrong with it.
IdxArray readIdx(const std::filesystem::path &path);

/// Throws std::invalid_argument, "[idx] PATH: WHY".
[[noreturn]] void failIdx(const std::filesystem::path &path, const std::string &why);

} // namespace pretext
