// The entries of a .zip or .tar, one after the other, as libarchive reads them: nothing is unpacked by this.
#pragma once

#include "core/files/regularfile.h"

#include <filesystem>
#include <memory>
#include <string>

namespace pretext {

enum class EntryKind { file, folder, other }; // other: links and devices, which are never unpacked

class ArchiveReader
{
public:
    /// Throws std::invalid_argument, "[archive] PATH: WHY", as does what follows.
    explicit ArchiveReader(const std::filesystem::path &path);
    ~ArchiveReader();

    /// On to the next entry; false at the end.
    bool next();
    /// Of the entry, with / between folders and none before the first. Refused where it leads out of the archive.
    const std::string &name() const { return m_name; }
    EntryKind kind() const { return m_kind; }
    uint64_t packed() const { return m_file.size(); }
    /// The entry's next bytes; 0 at its end. All entries together are bounded: by mostUnpacked(), or ten times the archive where that is more.
    size_t read(void *to, size_t size);

private:
    struct Handle;
    [[noreturn]] void fail(const std::string &why) const;
    void checkSize(double bytes) const;

    std::filesystem::path m_path;
    RegularFile m_file;
    std::unique_ptr<Handle> m_handle;
    std::string m_name;
    EntryKind m_kind = EntryKind::other;
    double m_announced = 0, m_read = 0, m_most = 0;
    uint64_t m_entries = 0;
};

/// By its name: .zip, .tar, .tar.gz and its kin.
bool isArchiveName(const std::filesystem::path &path);

} // namespace pretext
