// One side of a comparison: a process that has built a row and takes steps of it when told. The other side of the same words is `serve`,
// and tests/bench/pytorch.py: "ready" once it is warm; then for each line "N" on standard input one line with the N times in milliseconds;
// at the end of input "peak KIB", its largest resident memory, on standard error.
#pragma once

#include "core/bench/row.h"

#include <cstdio>
#include <iosfwd>
#include <string>
#include <vector>

#include <sys/types.h>

namespace pretext::bench {

class Contestant
{
public:
    /// Starts `command` by the shell. Throws std::runtime_error where it does not become ready, with the last line it wrote to standard error.
    explicit Contestant(const std::string &command);
    ~Contestant();
    Contestant(const Contestant &) = delete;
    Contestant &operator=(const Contestant &) = delete;

    /// Throws std::runtime_error where the process ends or says anything else.
    std::vector<double> steps(int count);
    /// Ends it; its peak resident memory in bytes, 0 where it did not say.
    double finish();
    double secondsToReady() const { return m_secondsToReady; }

private:
    std::string line();
    std::string end();
    [[noreturn]] void fail(const std::string &what);

    std::string m_command;
    pid_t m_process = -1;
    int m_in = -1, m_out = -1; // to its standard input, and from its output
    std::FILE *m_errors;       // its standard error
    std::string m_read;        // of its output, not yet a line
    double m_secondsToReady = 0;
};

/// Serves a row by those words until the end of input.
void serve(const Row &row, std::istream &in, std::ostream &out, std::ostream &errors);

} // namespace pretext::bench
