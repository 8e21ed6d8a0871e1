// The command line: every line of the input is an argument. Nothing is done that they ask for.
#include "tests/fuzz/target.h"

#include "app/cli/cli.h"

#include <sstream>
#include <stdexcept>

namespace pretext::fuzz {

void read_commandline(std::string_view input)
{
    std::vector<std::string> arguments{"pretext"};
    std::istringstream lines{std::string(input)};
    for (std::string line; std::getline(lines, line);)
        arguments.push_back(line.substr(0, line.find('\0')));
    std::vector<char *> pointers;
    for (std::string &argument : arguments)
        pointers.push_back(argument.data());
    const int count = static_cast<int>(pointers.size());
    pointers.push_back(nullptr);
    isCommandLine(count, pointers.data());
    const ParsedCommandLine parsed = parseCommandLine(count, pointers.data());
    if (parsed.action)
        return;
    require(parsed.status == 0 || parsed.status == 2, "an exit status that is neither 0 nor 2");
    require(!parsed.text.empty(), "no word of what is wrong, nor help");
    if (parsed.status != 0)
        throw std::invalid_argument(parsed.text);
}

} // namespace pretext::fuzz
