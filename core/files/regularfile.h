// How every file of the user's is opened for reading: regular files only. A pipe would be waited for, a device never ends, and what /proc and /sys
// show is made up while it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace pretext {

class RegularFile
{
public:
    /// Throws std::invalid_argument, "PATH: WHY", where it is absent, may not be read, or is no regular file.
    explicit RegularFile(const std::filesystem::path &path);
    ~RegularFile();
    RegularFile(const RegularFile &) = delete;
    RegularFile &operator=(const RegularFile &) = delete;

    uint64_t size() const { return m_size; }
    /// The next `size` bytes; false where fewer are left.
    bool read(void *to, size_t size);
    void seek(uint64_t offset);
    int descriptor() const { return m_descriptor; }
    /// The caller closes it.
    int release();

private:
    int m_descriptor = -1;
    uint64_t m_size = 0;
};

/// All of a file. Throws std::invalid_argument, "PATH: WHY", as above and where it holds more than `most` bytes.
std::string readRegularFile(const std::filesystem::path &path, uint64_t most);

/// What a path is that is no regular file: "a pipe, not a file" and the like; empty for a regular file and for what is absent. Follows links.
std::string whyNotRegular(const std::filesystem::path &path);

/// The end of a refusal of what is of such a kind: "cannot be read: it is a pipe, not a file".
std::string cannotBeReadAs(const std::string &kind);

/// Whether a folder belongs to /proc, /sys and their kin, which hold no files of anybody's.
bool isMadeUp(const std::filesystem::path &folder);

} // namespace pretext
