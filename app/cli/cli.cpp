// Finds the subcommand, parses, runs it, and turns whatever goes wrong into one line and an exit status.
#include "app/cli/cli.h"

#include "app/cli/standardstreams.h"
#include "core/engine/runtext.h"
#include "core/files/messagetext.h"
#include "core/knobs/knob.h"
#include "core/system/describe.h"

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

/// Of the window, which parses them itself.
std::string windowOptions()
{
    constexpr size_t kIndent = 30; // as options of the subcommands stand
    std::string text;
    const auto add = [&](const std::string &name, const std::string &value, const std::string &help) {
        const std::string option = "  --" + name + (value.empty() ? "" : " " + value);
        text += option + std::string(kIndent - option.size(), ' ') + help + "\n";
    };
#define WINDOW_OPTION(name, value, standard, help) add(name, value, help);
#include "app/windowoptions.def"
#undef WINDOW_OPTION
    return text;
}

std::vector<std::string> commandNames()
{
    std::vector<std::string> names;
    for (const CommandType &command : kCommands)
        names.push_back(command.name);
    return names;
}

int fail(int status, const std::string &where, const std::string &message)
{
    std::cerr << where << ": " << oneLine(message) << std::endl;
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
        return "unexpected arguments, behind --";
    std::vector<std::string> options;
    for (const CLI::Option *option : command.get_options())
        options.push_back(option->get_name());
    const std::string name = extras.front().substr(0, extras.front().find('='));
    return "unexpected argument '" + shortened(extras.front()) + "'" + suggestion(name, options);
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
    const std::string text = error.what();
    if (const size_t twice = text.find(": At Most 1 required"); twice != std::string::npos)
        return {where, {}, 2, shortened(text.substr(0, twice)) + ": is given more than once; give it once (see " + where + " --help)"};
    return {where, {}, 2, (extras ? unexpectedArgument(*chosen.front()) : shortened(text, 300)) + std::string(" (see ") + where + " --help)"};
}

/// `--json=false` is no way to say nothing.
void takeNoValueForFlags(CLI::App &command)
{
    for (CLI::Option *option : command.get_options([](const CLI::Option *option) { return option->get_expected_max() == 0; }))
        option->disable_flag_override();
}

/// Names the first value that is empty: a variable that was not set in somebody's script, mostly, `--out "$RUN"`.
std::string emptyValue(const CLI::App &command)
{
    for (const CLI::Option *option : command.get_options())
        for (const std::string &value : option->results())
            if (value.empty())
                return option->get_name() + " '': is empty; give it a value, or leave it out";
    return {};
}

/// The option of `--steps=` with nothing behind it, for which the next argument would be taken.
std::string nothingBehind(int argc, const char *const *argv)
{
    for (int i = 2; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--")
            break;
        if (argument.starts_with("--") && argument.find('=') + 1 == argument.size())
            return argument.substr(0, argument.size() - 1) + " '': is empty; give it a value, or leave it out";
    }
    return {};
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
    if (isRunText(first))
        return false;        // in quotes, for the window
    std::error_code ignored; // what is neither an option nor a file can only be a misspelt subcommand
    return !first.starts_with('-') && !std::filesystem::exists(first, ignored);
}

ParsedCommandLine parseCommandLine(int argc, const char *const *argv)
{
    CLI::App app{"Pretext makes self-supervised learning visible. Without a subcommand it opens the workbench;\n"
                 "a session file, a run folder, data or the text of a run (pretext share) as argument opens that. Each subcommand has a --help of its own.",
                 "pretext"};
    app.set_version_flag("--version", "pretext " PRETEXT_VERSION);
    app.footer("Without a subcommand, pretext [OPTIONS] [SESSION-or-RUN-or-DATA-or-TEXT]:\n" + windowOptions()
               + "\nExamples:\n  pretext\n  pretext runs/first\n  pretext runs/first --size 1600x1000 --after 10 --screenshot first.png\n  pretext train "
                 "--method simclr --minutes 5 --out runs/first\n"
                 "  pretext evaluate runs/first\n\nExit status, of every subcommand:\n"
                 "  0  done\n"
                 "  1  the data or the work failed: a file that cannot be read or written, a full disk, a computation that went wrong; an\n"
                 "     evaluation that was stopped, which prints what it knew, and a window without a display\n"
                 "  2  the command line was wrong: an option or value that there is not, options that contradict each other, a run, file or\n"
                 "     data set that does not exist, something that is there already where something new is to be written");
    app.require_subcommand(1);
    std::vector<CommandAction> actions;
    std::vector<CLI::App *> subcommands;
    for (const CommandType &type : kCommands) {
        subcommands.push_back(app.add_subcommand(type.name, type.help));
        actions.push_back(type.add(*subcommands.back()));
        takeNoValueForFlags(*subcommands.back());
    }
    const std::vector<std::string> names = commandNames();
    if (argc > 1 && argv[1][0] != '-' && std::find(names.begin(), names.end(), argv[1]) == names.end())
        return {"pretext", {}, 2, "'" + shortened(argv[1]) + "' is neither a subcommand nor a file" + suggestion(argv[1], names) + " (see pretext --help)"};
    if (const std::string empty = nothingBehind(argc, argv); !empty.empty())
        return {std::string("pretext ") + argv[1], {}, 2, empty};
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return parseFailed(app, error);
    }
    const size_t chosen = std::find(subcommands.begin(), subcommands.end(), app.get_subcommands().front()) - subcommands.begin();
    const std::string empty = emptyValue(*subcommands[chosen]);
    return {"pretext " + names[chosen], empty.empty() ? actions[chosen] : CommandAction(), empty.empty() ? 0 : 2, empty};
}

namespace {

int runParsed(const ParsedCommandLine &parsed)
{
    if (!parsed.action && parsed.status == 0)
        std::cout << parsed.text << std::flush;
    if (!parsed.action)
        return parsed.status == 0 ? 0 : fail(parsed.status, parsed.where, parsed.text);
    try {
        return parsed.action();
    } catch (const UsageError &error) {
        return fail(2, parsed.where, error.what());
    } catch (const std::exception &error) {
        return fail(1, parsed.where, describe(error));
    }
}

} // namespace

int runCommandLine(int argc, char **argv)
{
    guardStandardStreams();
    int status = 1;
    try {
        status = runParsed(parseCommandLine(argc, argv));
    } catch (const std::exception &error) { // memory may end while the options are put together, too
        status = fail(1, "pretext", describe(error));
    }
    if (standardOutputArrived() || status != 0)
        return status;
    if (readerOfStandardOutputHasGone())
        return 1; // as `| head` does: it has what it wanted
    return fail(1, "pretext", "standard output cannot be written: its disk is full, or nobody may; what was printed there is not whole");
}

} // namespace pretext
