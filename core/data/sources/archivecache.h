// Where archives are unpacked to: a folder for each in the user's cache, named after the file, its size and its times, so that a changed archive gets
// another. It goes after ninety days without use, and when the archive has changed; never while somebody reads it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

class UnpackedArchive
{
public:
    /// Unpacks it, unless that was done already. Without a cache it goes to the system's folder for temporary files and away with this object.
    /// Throws std::invalid_argument naming the archive, and the entry where one leads out of it.
    explicit UnpackedArchive(const std::filesystem::path &archive);
    ~UnpackedArchive();
    UnpackedArchive(const UnpackedArchive &) = delete;
    UnpackedArchive &operator=(const UnpackedArchive &) = delete;

    const std::filesystem::path &folder() const { return m_folder; }
    const std::vector<std::string> &left() const { return m_left; } // "name: why" of what was not unpacked
    bool isKept() const { return m_kept; }                          // in the cache

private:
    void use();

    std::filesystem::path m_folder;
    std::vector<std::string> m_left;
    bool m_kept = false;
    int m_lock = -1;
};

} // namespace pretext
