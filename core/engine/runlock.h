// A run is written by one process at a time: whoever writes it holds a lock on RUN/.lock, in which it says who it is. The system takes the
// lock back when the process ends, however it ends. Who only reads asks for none.
#pragma once

#include <filesystem>
#include <string>

namespace pretext {

class RunLock
{
public:
    /// Throws std::runtime_error that says who writes the run. The folder must be there.
    explicit RunLock(const std::filesystem::path &run);
    ~RunLock();
    RunLock(RunLock &&other) noexcept;
    RunLock &operator=(RunLock &&) = delete;

private:
    std::filesystem::path m_path;
    int m_file = -1; // -1: a file system that has no locks, or one that was moved from
};

/// "process 4711 on host", where another process, or another job of this one, writes the run; else empty.
std::string writerOf(const std::filesystem::path &run);

} // namespace pretext
