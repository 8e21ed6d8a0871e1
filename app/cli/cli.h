// The command line: one file a subcommand, one line in commands.def. It loads no GUI platform, but for `bench --ui`.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace pretext {

/// True where the arguments name a subcommand or ask for help or the version, and the window is not wanted.
bool isCommandLine(int argc, char **argv);
/// Exit status: 0 done, 1 the data or the work failed, 2 the command line was wrong; `pretext --help` says what counts as which. Errors are one line on standard error.
int runCommandLine(int argc, char **argv);

/// The command line was wrong: status 2. Any other exception is the work's: status 1.
struct UsageError : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// Runs `check`; what it refuses with std::invalid_argument is the command line's fault.
template<class F>
auto fromCommandLine(F &&check) -> decltype(check())
{
    try {
        return check();
    } catch (const std::invalid_argument &error) {
        throw UsageError(error.what());
    }
}

/// The same, and it names the option.
template<class F>
auto fromCommandLine(const std::string &option, F &&check) -> decltype(check())
{
    try {
        return check();
    } catch (const std::invalid_argument &error) {
        throw UsageError(option + ": " + error.what());
    }
}

/// A subcommand declares its options and examples on `command`, and returns what to do once they are parsed; that gives the exit status.
using CommandAction = std::function<int()>;
#define COMMAND(name, help) CommandAction name##Command(CLI::App &command);
#include "app/cli/commands.def"
#undef COMMAND

/// What the arguments ask for: an action, or, where it is empty, an exit status and what to say: help (0), or why they are wrong (2).
struct ParsedCommandLine
{
    std::string where; // "pretext train"
    CommandAction action;
    int status = 0;
    std::string text;
};
/// Does nothing but parse.
ParsedCommandLine parseCommandLine(int argc, const char *const *argv);

} // namespace pretext
