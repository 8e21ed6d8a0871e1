// Which options a command line gave, for a way of using a subcommand that has no place for most of them.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace pretext {

using GivenOptions = std::vector<std::string>; // "--steps"

/// Is filled once the command line was parsed, and outlives the command.
std::shared_ptr<const GivenOptions> givenOptions(CLI::App &command);
/// The first that is none of these; empty: there is none.
std::string givenBeside(const GivenOptions &given, std::initializer_list<const char *> taken);

} // namespace pretext
