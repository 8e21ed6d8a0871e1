// An event file as TensorBoard reads it: scalars by step, for those who have its page open already. Records are framed as TFRecord (length, masked CRC-32C,
// data, masked CRC-32C), each an Event of TensorFlow's event.proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pretext {

/// Of Castagnoli's polynomial, as iSCSI has it (RFC 3720, B.4).
uint32_t crc32c(std::string_view bytes);

class EventFile
{
public:
    /// A file of its own in the folder, which is made where it is missing: events.out.tfevents.SECONDS.pretext, "-2" and so on where that is taken. What older
    /// files of the folder say of steps from `step` on is void: the run goes on from there. Throws std::runtime_error naming the file.
    EventFile(const std::filesystem::path &folder, int64_t step, double seconds);

    /// Seconds since 1970.
    static double now();
    /// `seconds` likewise. Values that are no numbers are left out. Throws std::runtime_error naming the file where the disk is full.
    void append(int64_t step, double seconds, const std::vector<std::pair<std::string, double>> &scalars);
    const std::filesystem::path &path() const { return m_path; }

private:
    void write(const std::string &event);

    std::filesystem::path m_path;
    std::ofstream m_file;
};

} // namespace pretext
