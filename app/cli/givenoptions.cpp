#include "app/cli/givenoptions.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace pretext {

std::shared_ptr<const GivenOptions> givenOptions(CLI::App &command)
{
    auto given = std::make_shared<GivenOptions>();
    command.callback([&command, given] {
        for (const CLI::Option *option : command.get_options())
            if (option->count() > 0)
                given->push_back(option->get_name());
    });
    return given;
}

std::string givenBeside(const GivenOptions &given, std::initializer_list<const char *> taken)
{
    const auto other = std::ranges::find_if(given, [&](const std::string &option) { return std::ranges::find(taken, option) == taken.end(); });
    return other == given.end() ? std::string() : *other;
}

} // namespace pretext
