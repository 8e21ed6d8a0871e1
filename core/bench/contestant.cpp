#include "core/bench/contestant.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pretext::bench {

namespace {

constexpr int kWarmUpSteps = 2;
constexpr int kPatienceSeconds = 30; // for an answer; a processor without bfloat16 may emulate it a hundred times slower

[[noreturn]] void cannotBegin()
{
    throw std::runtime_error(std::string("a process cannot be started: ") + std::strerror(errno));
}

struct Pipe
{
    Pipe()
    {
        if (pipe2(ends, O_CLOEXEC) != 0)
            cannotBegin();
    }
    int ends[2];
};

std::string lastLine(const std::string &text)
{
    std::istringstream lines(text);
    std::string last;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty())
            last = line;
    return last;
}

std::string contentsOf(std::FILE *file)
{
    std::string text;
    char bytes[4096];
    std::rewind(file);
    for (size_t count; (count = std::fread(bytes, 1, sizeof bytes, file)) > 0;)
        text.append(bytes, count);
    return text;
}

/// What the child is from here on: a group of its own, so that it can be ended with whatever it started.
[[noreturn]] void become(const std::string &command, int in, int out, int errors)
{
    setpgid(0, 0);
    std::signal(SIGPIPE, SIG_DFL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char *>(nullptr));
    _exit(127);
}

/// The kernel's own record of this process.
std::string peakKib()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::to_string(std::stol(line.substr(6)));
    return "0";
}

} // namespace

Contestant::Contestant(const std::string &command) : m_command(command), m_errors(std::tmpfile())
{
    std::signal(SIGPIPE, SIG_IGN); // a side that has ended is told of by the write that fails
    const auto begun = std::chrono::steady_clock::now();
    Pipe in, out;
    if (!m_errors)
        cannotBegin();
    m_process = fork();
    if (m_process == 0)
        become(command, in.ends[0], out.ends[1], fileno(m_errors));
    close(in.ends[0]);
    close(out.ends[1]);
    m_in = in.ends[1];
    m_out = out.ends[0];
    if (m_process < 0)
        cannotBegin();
    if (const std::string first = line(); first != "ready")
        fail("said '" + first + "' instead of 'ready'");
    m_secondsToReady = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Contestant::~Contestant()
{
    if (m_process > 0)
        finish();
}

void Contestant::fail(const std::string &what)
{
    kill(-m_process, SIGTERM);
    const std::string said = lastLine(end());
    throw std::runtime_error(m_command + ": " + what + (said.empty() ? "" : "; " + said));
}

std::string Contestant::line()
{
    size_t end;
    while ((end = m_read.find('\n')) == std::string::npos) {
        char bytes[4096];
        pollfd answer{m_out, POLLIN, 0};
        if (poll(&answer, 1, 1000 * kPatienceSeconds) == 0)
            fail("does not answer within " + std::to_string(kPatienceSeconds) + " s");
        const ssize_t count = read(m_out, bytes, sizeof bytes);
        if (count <= 0)
            fail("ended before it answered");
        m_read.append(bytes, size_t(count));
    }
    const std::string text = m_read.substr(0, end);
    m_read.erase(0, end + 1);
    return text;
}

std::vector<double> Contestant::steps(int count)
{
    const std::string asked = std::to_string(count) + "\n";
    if (write(m_in, asked.data(), asked.size()) != ssize_t(asked.size()))
        fail("does not listen");
    std::istringstream answer(line());
    std::vector<double> milliseconds;
    for (double value; answer >> value;)
        milliseconds.push_back(value);
    if (static_cast<int>(milliseconds.size()) != count)
        fail("gave " + std::to_string(milliseconds.size()) + " times for " + std::to_string(count) + " steps");
    return milliseconds;
}

/// Closes its input, waits for its end, and gives what it wrote to standard error.
std::string Contestant::end()
{
    close(std::exchange(m_in, -1));
    waitpid(std::exchange(m_process, -1), nullptr, 0);
    close(std::exchange(m_out, -1));
    const std::string said = contentsOf(m_errors);
    std::fclose(std::exchange(m_errors, nullptr));
    return said;
}

double Contestant::finish()
{
    const std::string said = end();
    const size_t peak = said.rfind("peak ");
    return peak == std::string::npos ? 0 : 1024 * std::strtod(said.c_str() + peak + 5, nullptr);
}

void serve(const Row &row, std::istream &in, std::ostream &out, std::ostream &errors)
{
    const std::unique_ptr<Work> work = row.make(row);
    work->steps(kWarmUpSteps);
    out << "ready" << std::endl;
    for (int count; in >> count;) {
        for (double milliseconds : work->steps(count))
            out << milliseconds << ' ';
        out << std::endl;
    }
    errors << "peak " << peakKib() << std::endl;
}

} // namespace pretext::bench
