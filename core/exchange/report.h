// Comparing what an export wrote with what it was made from.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace pretext {

struct SafetensorsFile; // core/files/safetensors.h

/// What was read back: the largest difference from our own forward, the embedding's largest magnitude, and how it was compared. A difference
/// from or to what is not finite is infinite.
struct ExportReport
{
    std::string file;
    double largestDifference = -1;
    double scale = 0;
    std::string checkedWith;
    bool alike = false; // the embeddings compared, or written, are all alike

    void compare(double expected, double got);
    /// Throws std::runtime_error where one side is longer.
    void compare(std::span<const float> expected, std::span<const float> got);
};

/// Told of each file between its being written and its being read back: a test damages it there.
using Written = std::function<void(const std::filesystem::path &file)>;
/// Throws std::runtime_error where what was read back differs by more than a thousandth of the largest value, having removed the file or folder.
void requireAgreement(const ExportReport &report);
/// The same where a tensor of the file is not bit for bit the one that was to be written: also what would hardly change an embedding is damage.
void requireAsWritten(const std::filesystem::path &path, const SafetensorsFile &file);

} // namespace pretext
