// Finds the subcommand, parses, runs it, and turns whatever goes wrong into one line and an exit status.
#include "app/cli/cli.h"

#include "core/engine/knob.h"
#include "core/exchange/shownpath.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

namespace pretext {

namespace {

struct CommandType
{
    const char *name;
    const char *help;
    CommandAction (*add)(CLI::App &);
};

const CommandType kCommands[] = {
#define COMMAND(name, help) {#name, help, name##Command},
#include "app/cli/commands.def"
#undef COMMAND
};

std::vector<std::string> commandNames()
{
    std::vector<std::string> names;
    for (const CommandType &command : kCommands)
        names.push_back(command.name);
    return names;
}

int fail(int status, const std::string &where, std::string message)
{
    if (message.starts_with('[')) // "[config] ...": the place in the code, of no use to the reader
        message.erase(0, std::min(message.find("] ") + 2, message.size()));
    std::replace(message.begin(), message.end(), '\n', ' ');
    std::cerr << where << ": " << shownText(message) << std::endl;
    return status;
}

std::string suggestion(const std::string &name, const std::vector<std::string> &candidates)
{
    const std::string nearest = nearestName(name, candidates);
    return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

std::string unexpectedArgument(const CLI::App &command)
{
    const std::vector<std::string> extras = command.remaining(true);
    if (extras.empty())
        return "unexpected arguments";
    std::vector<std::string> options;
    for (const CLI::Option *option : command.get_options())
        options.push_back(option->get_name());
    const std::string name = extras.front().substr(0, extras.front().find('='));
    return "unexpected argument '" + extras.front() + "'" + suggestion(name, options);
}

ParsedCommandLine parseFailed(const CLI::App &app, const CLI::ParseError &error)
{
    const auto chosen = app.get_subcommands();
    const std::string where = chosen.empty() ? "pretext" : "pretext " + chosen.front()->get_name();
    if (error.get_exit_code() == 0) { // --help or --version
        std::ostringstream text;
        app.exit(error, text, text);
        return {where, {}, 0, text.str()};
    }
    const bool extras = dynamic_cast<const CLI::ExtrasError *>(&error) && !chosen.empty();
    return {where, {}, 2, (extras ? unexpectedArgument(*chosen.front()) : error.what()) + std::string(" (see ") + where + " --help)"};
}

} // namespace

bool isCommandLine(int argc, char **argv)
{
    if (argc < 2)
        return false;
    const std::string first = argv[1];
    if (first == "--help" || first == "-h" || first == "--version")
        return true;
    const std::vector<std::string> names = commandNames();
    if (std::find(names.begin(), names.end(), first) != names.end())
        return true;
    std::error_code ignored; // what is neither an option nor a file can only be a misspelt subcommand
    return first.front() != '-' && !std::filesystem::exists(first, ignored);
}

ParsedCommandLine parseCommandLine(int argc, const char *const *argv)
{
    CLI::App app{"Pretext makes self-supervised learning visible. Without a subcommand it opens the workbench;\n"
                 "a session file or a run folder as argument opens that.", "pretext"};
    app.set_version_flag("--version", "pretext " PRETEXT_VERSION);
    app.footer("Examples:\n  pretext\n  pretext runs/first\n  pretext train --method simclr --minutes 5 --out runs/first\n"
               "  pretext evaluate runs/first\n\nExit status: 0 done, 1 the work failed, 2 the command line was wrong.");
    app.require_subcommand(1);
    std::vector<CommandAction> actions;
    std::vector<CLI::App *> subcommands;
    for (const CommandType &type : kCommands) {
        subcommands.push_back(app.add_subcommand(type.name, type.help));
        actions.push_back(type.add(*subcommands.back()));
    }
    const std::vector<std::string> names = commandNames();
    if (argc > 1 && argv[1][0] != '-' && std::find(names.begin(), names.end(), argv[1]) == names.end())
        return {"pretext", {}, 2, "'" + std::string(argv[1]) + "' is neither a subcommand nor a file" + suggestion(argv[1], names) + " (see pretext --help)"};
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return parseFailed(app, error);
    }
    const size_t chosen = std::find(subcommands.begin(), subcommands.end(), app.get_subcommands().front()) - subcommands.begin();
    return {"pretext " + names[chosen], actions[chosen], 0, {}};
}

int runCommandLine(int argc, char **argv)
{
    const ParsedCommandLine parsed = parseCommandLine(argc, argv);
    if (!parsed.action && parsed.status == 0)
        std::cout << parsed.text << std::flush;
    if (!parsed.action)
        return parsed.status == 0 ? 0 : fail(parsed.status, parsed.where, parsed.text);
    try {
        return parsed.action();
    } catch (const UsageError &error) {
        return fail(2, parsed.where, error.what());
    } catch (const std::exception &error) {
        return fail(1, parsed.where, error.what());
    }
}

} // namespace pretext
