// The safetensors format: an 8-byte little-endian header length, a JSON header, then raw tensor data. Files are written to a temporary
// name, synced and renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pretext {

struct FileTensor
{
    std::string dtype; // "F32", "F64", "F16", "BF16", "I32", "I64", "U8"
    std::vector<int64_t> shape;
    std::vector<std::byte> bytes;

    static FileTensor of(const std::vector<float> &values, std::vector<int64_t> shape);
    static FileTensor of(const std::vector<int32_t> &values, std::vector<int64_t> shape);
    std::vector<float> floats() const; // converts F64, F16, BF16
    std::vector<int32_t> ints() const; // converts I64
};

struct SafetensorsFile
{
    std::map<std::string, FileTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// Throws std::runtime_error naming the file and what is wrong with it (truncated, header, offsets, overlap, dtype).
SafetensorsFile readSafetensors(const std::filesystem::path &path);
std::map<std::string, std::string> readSafetensorsMetadata(const std::filesystem::path &path);
void writeSafetensors(const std::filesystem::path &path, const SafetensorsFile &file);

/// Whole or not at all: temporary name beside the target, fsync, rename, fsync of the folder.
void writeFileAtomically(const std::filesystem::path &path, const std::vector<std::byte> &bytes);

} // namespace pretext
