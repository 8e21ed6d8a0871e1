#include "core/files/regularfile.h"

#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kReadAtOnce = size_t(1) << 30; // read() takes no more than 2 GiB

[[noreturn]] void failFile(const fs::path &path, const std::string &why)
{
    throw std::invalid_argument(shownPath(path) + ": " + why);
}

/// Empty for a regular file.
std::string kindOf(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return {};
    case S_IFDIR: return pretext::said("a folder, not a file");
    case S_IFIFO: return pretext::said("a pipe, not a file");
    case S_IFSOCK: return pretext::said("a socket, not a file");
    default: return pretext::said("a device, not a file");
    }
}

bool isMadeUpSystem(const struct statfs &system)
{
    constexpr std::array<decltype(system.f_type), 10> kMadeUp = {PROC_SUPER_MAGIC,   SYSFS_MAGIC,         DEBUGFS_MAGIC,      TRACEFS_MAGIC, SECURITYFS_MAGIC,
                                                                 CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, BPF_FS_MAGIC,  PSTOREFS_MAGIC};
    return std::find(kMadeUp.begin(), kMadeUp.end(), system.f_type) != kMadeUp.end();
}

std::string madeUpFile()
{
    return pretext::said("made up by the system while it is read (/proc, /sys), not a file on a disk");
}

} // namespace

RegularFile::RegularFile(const fs::path &path)
{
    struct stat found;
    const auto failSystem = [&] { failFile(path, pretext::said("cannot be read: %1; is the path right?", {std::strerror(errno)})); };
    // Asked before it is opened, since opening a device may already do something; and after, since it may have been replaced meanwhile.
    if (::stat(path.c_str(), &found) != 0)
        failSystem();
    if (const std::string kind = kindOf(found.st_mode); !kind.empty())
        failFile(path, cannotBeReadAs(kind));
    m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (m_descriptor < 0)
        failSystem();
    struct statfs system;
    std::string why;
    if (::fstat(m_descriptor, &found) != 0)
        why = pretext::said("cannot be read: %1", {std::strerror(errno)});
    else if (const std::string kind = kindOf(found.st_mode); !kind.empty())
        why = cannotBeReadAs(kind);
    else if (::fstatfs(m_descriptor, &system) == 0 && isMadeUpSystem(system))
        why = cannotBeReadAs(madeUpFile());
    if (!why.empty()) {
        ::close(release());
        failFile(path, why);
    }
    m_size = static_cast<uint64_t>(found.st_size);
}

RegularFile::~RegularFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

int RegularFile::release()
{
    return std::exchange(m_descriptor, -1);
}

bool RegularFile::read(void *to, size_t size)
{
    for (auto *at = static_cast<std::byte *>(to); size > 0;) {
        const ssize_t got = ::read(m_descriptor, at, std::min(size, kReadAtOnce));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= static_cast<size_t>(got);
    }
    return true;
}

void RegularFile::seek(uint64_t offset)
{
    ::lseek(m_descriptor, static_cast<off_t>(offset), SEEK_SET);
}

std::string readRegularFile(const fs::path &path, uint64_t most)
{
    RegularFile file(path);
    if (file.size() > most)
        failFile(path, pretext::said("holds %1 bytes; at most %2 can be read", {file.size(), most}));
    std::string text(file.size(), '\0');
    if (!file.read(text.data(), text.size()))
        failFile(path, pretext::said("cannot be read to its end; it was changed meanwhile, or the disk is damaged"));
    return text;
}

std::string whyNotRegular(const fs::path &path)
{
    struct stat found;
    if (::stat(path.c_str(), &found) != 0)
        return {};
    struct statfs system;
    const std::string kind = kindOf(found.st_mode);
    return kind.empty() && ::statfs(path.c_str(), &system) == 0 && isMadeUpSystem(system) ? madeUpFile() : kind;
}

std::string cannotBeReadAs(const std::string &kind)
{
    return pretext::said("cannot be read: it is %1", {kind});
}

bool isMadeUp(const fs::path &folder)
{
    struct statfs system;
    return ::statfs(folder.c_str(), &system) == 0 && isMadeUpSystem(system);
}

} // namespace pretext
