// The command line: one file a subcommand, one line in commands.def. It never loads a GUI platform.
#pragma once

#include <string>

namespace CLI { class App; }

namespace pretext {

/// True where the arguments name a subcommand or ask for help or the version, and the window is not wanted.
bool isCommandLine(int argc, char **argv);
/// Exit status: 0 done, 1 the work failed, 2 the command line was wrong. Errors are one line on standard error.
int runCommandLine(int argc, char **argv);

} // namespace pretext
