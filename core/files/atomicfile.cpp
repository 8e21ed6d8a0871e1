// A file that is there whole or not at all: written under a temporary name in the same folder, synced, renamed over the target, and the
// folder synced, so that neither a crash nor a full disk leaves half a file or loses the one that was there.
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace pretext {
namespace {

/// A descriptor that closes itself.
struct Descriptor
{
    explicit Descriptor(int value) : value(value) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    bool close()
    {
        int open = value;
        value = -1;
        return open < 0 || ::close(open) == 0;
    }
    int value;
};

/// A new file that nobody else has, with the rights any new file gets (mkstemp's would be private).
int createTemporary(const std::filesystem::path &stem, std::filesystem::path &temporary)
{
    for (int attempt = 0; attempt < 1000; ++attempt) {
        temporary = stem.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
        const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

bool writeAll(int file, const std::byte *data, size_t size)
{
    while (size > 0) {
        ssize_t written = ::write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= written;
    }
    return true;
}

/// Best effort: some file systems refuse to sync a folder, and the file is whole either way.
void syncFolder(const std::filesystem::path &folder)
{
    Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.value >= 0)
        ::fsync(descriptor.value);
}

/// `what` is translated already, and names no error.
[[noreturn]] void fail(const std::filesystem::path &path, const std::string &what, int error)
{
    throw std::runtime_error(said("%1: %2: %3; nothing was changed there, choose another folder or make room", {path.string(), what, std::strerror(error)}));
}

} // namespace

void writeFileAtomically(const std::filesystem::path &path, const std::vector<std::byte> &bytes)
{
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code refused; // a folder that is missing is made, as a run's is; what refuses that says so when the file is created
    std::filesystem::create_directories(folder, refused);
    std::filesystem::path temporary;
    Descriptor file(createTemporary(folder / ("." + path.filename().string()), temporary));
    if (const int error = errno; file.value < 0)
        fail(path, said("cannot create a file in %1", {folder.string()}), error);
    auto failAndRemove = [&](const char *what, size_t size = 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        fail(path, said(what, {size}), error);
    };
    if (!writeAll(file.value, bytes.data(), bytes.size()))
        failAndRemove(PRETEXT_SAID("cannot write %1 bytes"), bytes.size());
    if (::fsync(file.value) != 0 || !file.close())
        failAndRemove(PRETEXT_SAID("cannot sync the file to the disk"));
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        failAndRemove(PRETEXT_SAID("cannot put the finished file in place"));
    syncFolder(folder);
}

} // namespace pretext
