// NumPy's arrays: .npy, and .npz, which is a .zip of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pretext {

struct NumpyArray
{
    std::string type; // "u1", "i8", "f4" ...: little-endian
    std::vector<int64_t> shape;
    std::vector<uint8_t> bytes; // in C order

    int64_t count() const; // of its values
    double value(int64_t index) const;
    std::string describe() const; // "60000 x 28 x 28 of u1"
};

/// Throw std::invalid_argument, "[array] PATH: WHY", on what is damaged, pickled, big-endian, of Fortran order or of an unknown type.
NumpyArray readNpy(const std::filesystem::path &path);
std::map<std::string, NumpyArray> readNpz(const std::filesystem::path &path);

[[noreturn]] void failArray(const std::filesystem::path &path, const std::string &why);

} // namespace pretext
