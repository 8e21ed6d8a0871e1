#include "core/engine/runlock.h"

#include "core/files/said.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kLockName = ".lock";
constexpr std::string_view kProcess = "process ", kOn = " on "; // as it is written into the lock, in every language

std::string ownName()
{
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return std::string(kProcess) + std::to_string(::getpid()) + std::string(kOn) + host;
}

/// What its holder wrote; it may be about to.
std::string holderOf(int file)
{
    char text[300];
    const ssize_t size = ::pread(file, text, sizeof text, 0);
    const std::string name(text, size > 0 ? size_t(size) : 0);
    const size_t on = name.find(kOn);
    if (!name.starts_with(kProcess) || on == std::string::npos)
        return pretext::said("another process");
    const size_t host = on + kOn.size();
    return pretext::said("process %1 on %2", {name.substr(kProcess.size(), on - kProcess.size()), name.substr(host, name.find('\n') - host)});
}

/// Whoever held the lock may have removed the file between our opening and our locking it.
bool isStillThere(int file, const fs::path &path)
{
    struct stat ours
    {
    }, there{};
    return ::fstat(file, &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

} // namespace

RunLock::RunLock(const fs::path &run) : m_path(run / kLockName)
{
    constexpr int kTries = 10; // a look by writerOf() lasts a moment, and so may the end of a process
    for (int tries = 1;; ++tries) {
        m_file = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (m_file < 0)
            throw std::runtime_error(m_path.string() + ": " + pretext::said("cannot be written: %1; choose another folder", {std::strerror(errno)}));
        if (::flock(m_file, LOCK_EX | LOCK_NB) != 0) {
            const int error = errno;
            const std::string holder = error == EWOULDBLOCK ? holderOf(m_file) : std::string();
            ::close(std::exchange(m_file, -1));
            if (error == EWOULDBLOCK && tries < kTries) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
                continue;
            }
            if (error == EWOULDBLOCK)
                throw std::runtime_error(run.string() + ": " + pretext::said("is being written by %1; end that first, or choose another folder", {holder}));
            return; // there are file systems without locks, and runs on them as good as elsewhere
        }
        if (isStillThere(m_file, m_path))
            break;
        ::close(std::exchange(m_file, -1));
    }
    const std::string name = ownName() + "\n";
    if (::ftruncate(m_file, 0) == 0 && ::pwrite(m_file, name.data(), name.size(), 0) < 0) {
        // A full disk: the lock holds, it only cannot say by whom.
    }
}

RunLock::RunLock(RunLock &&other) noexcept : m_path(std::move(other.m_path)), m_file(std::exchange(other.m_file, -1))
{
}

RunLock::~RunLock()
{
    if (m_file < 0)
        return;
    ::unlink(m_path.c_str()); // while it is ours
    ::close(m_file);
}

std::string writerOf(const fs::path &run)
{
    const int file = ::open((run / kLockName).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return {};
    const bool locked = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    const std::string holder = locked ? holderOf(file) : std::string();
    ::close(file);
    return holder;
}

} // namespace pretext
