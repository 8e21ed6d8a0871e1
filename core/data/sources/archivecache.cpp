#include "core/data/sources/archivecache.h"

#include "core/data/sources/archivereader.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/files/usercache.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kDone = ".unpacked"; // there once everything is; lists what was left; locked while it is read
constexpr const char *kPart = ".part-";
constexpr const char *kLeft = PRETEXT_SAID("a link or a device, which is not unpacked from an archive"); // behind "name: "; in the list as it is here
constexpr auto kUnusedArchive = std::chrono::days(90);
constexpr auto kAbandoned = std::chrono::days(1);
constexpr uint64_t kLookedThrough = 256 << 20;

[[noreturn]] void failArchive(const fs::path &archive, const std::string &why)
{
    throw std::invalid_argument("[archive] " + shownPath(archive) + ": " + why);
}

/// "PATH-CONTENT": the first part is the same for all states of one file.
std::string cacheNameOf(const fs::path &archive)
{
    struct stat found;
    if (::stat(archive.c_str(), &found) != 0)
        failArchive(archive, pretext::said("cannot be read: %1", {std::strerror(errno)}));
    std::string state;
    for (uint64_t value : {uint64_t(found.st_size), uint64_t(found.st_ino), uint64_t(found.st_mtim.tv_sec), uint64_t(found.st_mtim.tv_nsec)})
        state += std::to_string(value) + " ";
    return std::to_string(stableHash(fs::canonical(archive).string())) + "-" + std::to_string(stableHash(state));
}

bool isHiddenEntry(const std::string &name)
{
    return name.starts_with('.') || name.starts_with("__MACOSX") || name.find("/.") != std::string::npos || name.find("/__MACOSX") != std::string::npos;
}

/// The folder is new and nobody else's, and no link is ever made in it: nothing can lead out of it.
void unpackFile(ArchiveReader &reader, const fs::path &archive, const fs::path &to)
{
    const auto failWriting = [&] {
        const char *why = std::strerror(errno);
        failArchive(archive, said("cannot be unpacked to %1: %2; make room there, set XDG_CACHE_HOME, or unpack it elsewhere and choose the folder",
                                  {shownPath(to.parent_path()), why}));
    };
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    errno = error ? error.value() : 0;
    const int file = error ? -1 : ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        failWriting();
    const std::unique_ptr<const int, void (*)(const int *)> closing(&file, [](const int *open) { ::close(*open); });
    std::vector<char> piece(1 << 18);
    while (const size_t got = reader.read(piece.data(), piece.size()))
        for (size_t done = 0; done < got;) {
            const ssize_t written = ::write(file, piece.data() + done, got - done);
            if (written < 0 && errno != EINTR)
                failWriting();
            done += static_cast<size_t>(std::max<ssize_t>(written, 0));
        }
}

/// Names and sizes of all entries, before anything is written. Large archives are not read twice: a bomb is small.
void lookThrough(const fs::path &archive)
{
    ArchiveReader reader(archive);
    while (reader.next()) {}
}

/// What was not unpacked.
std::vector<std::string> unpackInto(const fs::path &folder, const fs::path &archive)
{
    std::vector<std::string> left;
    ArchiveReader reader(archive);
    if (reader.packed() <= kLookedThrough)
        lookThrough(archive);
    size_t files = 0;
    while (reader.next()) {
        if (reader.kind() == EntryKind::folder || isHiddenEntry(reader.name()))
            continue;
        if (reader.kind() == EntryKind::other) {
            left.push_back(shownPath(reader.name()) + ": " + kLeft);
            continue;
        }
        unpackFile(reader, archive, folder / reader.name());
        ++files;
    }
    if (files == 0)
        failArchive(archive, pretext::said("holds no files"));
    std::ofstream done(folder / kDone);
    for (const std::string &line : left)
        done << line << '\n';
    if (!done.flush())
        failArchive(archive, pretext::said("cannot be unpacked to %1; make room there", {shownPath(folder)}));
    return left;
}

/// Whole or not at all, also beside another process that does the same.
void unpackWhole(const fs::path &folder, const fs::path &archive)
{
    fs::path part = folder;
    part += kPart + std::to_string(::getpid()) + "-" + std::to_string(reinterpret_cast<uintptr_t>(&part) % 100000);
    std::error_code error;
    fs::remove_all(part, error);
    try {
        unpackInto(part, archive);
        fs::rename(part, folder, error);
        if (error && !fs::exists(folder / kDone))
            failArchive(archive, said("cannot be unpacked to %1: %2", {shownPath(folder), error.message()}));
    } catch (...) {
        fs::remove_all(part, error);
        throw;
    }
    fs::remove_all(part, error);
}

/// Removes what nobody used for long, what is left of a process that died, and other states of the archive that was opened.
void clearUp(const fs::path &cache, const std::string &current)
{
    const auto now = fs::file_time_type::clock::now();
    const std::string same = current.substr(0, current.find('-') + 1);
    std::error_code error;
    for (fs::directory_iterator entry(cache, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code gone;
        if (name == current)
            continue;
        if (name.find(kPart) != std::string::npos) {
            if (const auto written = entry->last_write_time(gone); !gone && now - written > kAbandoned)
                fs::remove_all(entry->path(), gone);
            continue;
        }
        const auto used = fs::last_write_time(entry->path() / kDone, gone);
        if (gone || (now - used < kUnusedArchive && !name.starts_with(same)))
            continue;
        const int lock = ::open((entry->path() / kDone).c_str(), O_RDONLY | O_CLOEXEC);
        if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0)
            fs::remove_all(entry->path(), gone);
        if (lock >= 0)
            ::close(lock);
    }
}

} // namespace

UnpackedArchive::UnpackedArchive(const fs::path &archive)
{
    const std::string name = cacheNameOf(archive);
    fs::path cache = userCache("archives");
    std::error_code error;
    if (!cache.empty())
        fs::create_directories(cache, error);
    m_kept = !cache.empty() && !error && ::access(cache.c_str(), W_OK) == 0;
    static std::atomic<int> temporary = 0;
    m_folder = (m_kept ? cache : fs::temp_directory_path()) / (m_kept ? name : "pretext-" + std::to_string(::getpid()) + "-" + std::to_string(++temporary));
    // Between looking and locking somebody may clear it up; then it is unpacked again.
    for (int attempt = 0; attempt < 5 && m_lock < 0; ++attempt) {
        if (!fs::exists(m_folder / kDone, error))
            unpackWhole(m_folder, archive);
        use();
    }
    if (m_lock < 0)
        failArchive(archive, pretext::said("cannot be read again from %1", {shownPath(m_folder)}));
    if (m_kept)
        clearUp(cache, name);
}

void UnpackedArchive::use()
{
    const fs::path done = m_folder / kDone;
    m_lock = ::open(done.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_lock >= 0 && (::flock(m_lock, LOCK_SH) != 0 || ::access(done.c_str(), R_OK) != 0)) {
        ::close(m_lock);
        m_lock = -1;
    }
    if (m_lock < 0)
        return;
    markUsed(done);
    std::ifstream lines(done);
    for (std::string line; std::getline(lines, line);)
        m_left.push_back(line.ends_with(kLeft) ? line.substr(0, line.size() - std::string_view(kLeft).size()) + pretext::said(kLeft) : line);
}

UnpackedArchive::~UnpackedArchive()
{
    std::error_code error;
    if (!m_kept && !m_folder.empty())
        fs::remove_all(m_folder, error);
    if (m_lock >= 0)
        ::close(m_lock);
}

} // namespace pretext
