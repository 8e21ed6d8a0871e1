// A child process from start to end: what goes in, what comes out, and its death when it is no longer wanted.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace pretext {

struct ProcessResult
{
    bool stopped = false;  // killed because a stop was asked for
    int status = 0;        // its exit status; 128 + N when signal N ended it
    std::string output;    // standard output
    std::string lastError; // the last line of standard error that is not empty
};

/// Runs `program` (a path, or a name on the PATH) with `input` as its standard input; `errorLine` is told each line of its standard error.
/// Throws std::runtime_error where it cannot be started.
ProcessResult runProcess(const std::string &program, const std::vector<std::string> &arguments, const std::string &input = {},
                         const std::function<void(const std::string &)> &errorLine = {}, std::stop_token stop = {});

/// A program: beside the running one, in the folder above, or on the PATH; empty where it is in none.
std::string findProgram(const std::string &name);

} // namespace pretext
