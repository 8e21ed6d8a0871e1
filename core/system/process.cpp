#include "core/system/process.h"

#include "core/files/said.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int kPollMilliseconds = 50; // how late a stop may be seen

[[noreturn]] void failProcess(const std::string &what)
{
    throw std::runtime_error("[process] " + what);
}

class Descriptor
{
public:
    explicit Descriptor(int fd = -1) : m_fd(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    int get() const { return m_fd; }
    void reset()
    {
        if (m_fd >= 0)
            close(m_fd);
        m_fd = -1;
    }

private:
    int m_fd;
};

struct Pipe
{
    Descriptor read, write;
};

Pipe makePipe()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        failProcess(said("a pipe cannot be made: %1", {std::strerror(errno)}));
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

using TemporaryFile = std::unique_ptr<FILE, decltype(&std::fclose)>;

/// A nameless file rather than a pipe: a child that reads slowly, or not at all, holds nobody up.
TemporaryFile fileOf(const std::string &input)
{
    TemporaryFile file(std::tmpfile(), &std::fclose);
    if (!file || fcntl(fileno(file.get()), F_SETFD, FD_CLOEXEC) != 0 || std::fwrite(input.data(), 1, input.size(), file.get()) != input.size()
        || std::fflush(file.get()) != 0 || lseek(fileno(file.get()), 0, SEEK_SET) != 0)
        failProcess(said("a temporary file of %1 bytes cannot be written: %2", {input.size(), std::strerror(errno)}));
    return file;
}

/// Kills and reaps its process if that has not ended by itself.
class Child
{
public:
    Child(const std::string &program, const std::vector<std::string> &arguments, int in, int out, int error);
    ~Child()
    {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            wait();
        }
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    int wait()
    {
        int status = 0;
        while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {}
        m_pid = -1;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    pid_t m_pid = -1;
};

Child::Child(const std::string &program, const std::vector<std::string> &arguments, int in, int out, int error)
{
    std::vector<char *> argv{const_cast<char *>(program.c_str())};
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
    const int failure = posix_spawnp(&m_pid, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        m_pid = -1;
        failProcess(pretext::said("%1 cannot be started: %2", {program, std::strerror(failure)}));
    }
}

/// What is there now; false at the end.
bool drain(int fd, std::string &into)
{
    std::array<char, 1 << 16> buffer;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got > 0)
        into.append(buffer.data(), static_cast<size_t>(got));
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

/// Takes whole lines (at the end also the rest) out of `text`.
void takeLines(std::string &text, bool atEnd, ProcessResult &result, const std::function<void(const std::string &)> &tell)
{
    size_t begin = 0;
    for (size_t end; (end = std::min(text.find('\n', begin), atEnd ? text.size() : std::string::npos)) != std::string::npos && begin < text.size();
         begin = end + 1) {
        const std::string line = text.substr(begin, end - begin);
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            result.lastError = line;
        if (tell)
            tell(line);
    }
    text.erase(0, std::min(begin, text.size()));
}

} // namespace

ProcessResult runProcess(const std::string &program, const std::vector<std::string> &arguments, const std::string &input,
                         const std::function<void(const std::string &)> &errorLine, std::stop_token stop)
{
    const TemporaryFile in = fileOf(input);
    Pipe out = makePipe(), error = makePipe();
    Child child(program, arguments, fileno(in.get()), out.write.get(), error.write.get());
    out.write.reset();
    error.write.reset();

    ProcessResult result;
    std::string errors;
    std::array<pollfd, 2> waiting = {pollfd{out.read.get(), POLLIN, 0}, pollfd{error.read.get(), POLLIN, 0}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        if (stop.stop_requested()) {
            result.stopped = true;
            return result;
        }
        if (poll(waiting.data(), waiting.size(), kPollMilliseconds) <= 0)
            continue;
        if (waiting[0].revents && !drain(waiting[0].fd, result.output))
            waiting[0].fd = -1;
        if (waiting[1].revents && !drain(waiting[1].fd, errors))
            waiting[1].fd = -1;
        takeLines(errors, waiting[1].fd < 0, result, errorLine);
    }
    result.status = child.wait();
    return result;
}

std::string findProgram(const std::string &name)
{
    std::vector<fs::path> folders;
    std::error_code error;
    if (const fs::path self = fs::read_symlink("/proc/self/exe", error); !error)
        folders = {self.parent_path(), self.parent_path().parent_path()};
    if (const char *path = std::getenv("PATH")) {
        std::istringstream list(path);
        for (std::string folder; std::getline(list, folder, ':');)
            folders.emplace_back(folder);
    }
    for (const fs::path &folder : folders)
        if (access((folder / name).c_str(), X_OK) == 0 && fs::is_regular_file(folder / name, error))
            return (folder / name).string();
    return {};
}

} // namespace pretext
