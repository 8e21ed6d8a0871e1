// `pretext runs`: the runs there are, the window's and those of `pretext train` anywhere, and what is to be done with them.
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/runtable.h"

#include "core/data/counted.h"
#include "core/engine/runfilter.h"
#include "core/files/messagetext.h"
#include "core/files/shownpath.h"
#include "widgets/runs/rundatabase.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

struct RunsOptions
{
    std::vector<std::string> runs, where, tags, untags;
    std::string search, sort, note, import;
    int64_t limit = 0;
    bool removeNote = false, remove = false, restore = false, unlist = false, emptyTrash = false;
    bool trash = false, descending = false, json = false;

    bool moves() const { return remove || restore || unlist; }
    bool acts() const { return moves() || removeNote || !note.empty() || !tags.empty() || !untags.empty(); }
};

RunStore storeOfUser()
{
    if (qEnvironmentVariableIsEmpty("HOME") && qEnvironmentVariableIsEmpty("XDG_DATA_HOME"))
        throw std::runtime_error("there is no home folder to keep a list of runs in; set HOME or XDG_DATA_HOME");
    return userRuns();
}

/// The names of runs, for a message that asks which one is meant.
std::vector<std::string> namesOf(const std::vector<RunSummary> &runs)
{
    std::vector<std::string> names;
    for (const RunSummary &run : runs)
        names.push_back(run.name());
    return names;
}

/// A folder, listed or not, or the name of one that is listed.
RunSummary runCalled(const std::string &given, const std::vector<RunSummary> &runs, bool deleted)
{
    std::error_code none;
    if (!deleted && fs::exists(given, none)) {
        fs::path path = fs::absolute(given).lexically_normal();
        path = path.has_filename() ? path : path.parent_path();
        const auto found = std::ranges::find(runs, path, &RunSummary::path);
        const RunSummary run = found != runs.end() ? *found : summarise(path);
        if (run.stamp.empty())
            throw std::runtime_error(shownPath(given) + ": is no run, which is a folder with a config.json");
        return run;
    }
    const fs::path before = fs::absolute(given).lexically_normal();
    std::vector<RunSummary> found;
    for (const RunSummary &run : runs)
        if (!run.from.empty() == deleted && (run.name() == given || run.path.filename() == given || run.path == before || run.from == before))
            found.push_back(run);
    if (found.size() == 1)
        return found.front();
    if (found.empty()) {
        std::vector<RunSummary> those;
        std::ranges::copy_if(runs, std::back_inserter(those), [&](const RunSummary &run) { return !run.from.empty() == deleted; });
        const std::string nearest = nearestName(given, namesOf(those));
        throw UsageError("'" + shortened(given) + "' is " + (deleted ? "not the name of a deleted run" : "neither a run's folder nor the name of a run")
                         + (!nearest.empty() ? "; did you mean " + nearest + "?"
                            : deleted        ? "; pretext runs --trash lists those"
                                             : "; pretext runs lists them"));
    }
    std::string message = "'" + shortened(given) + "' is the name of " + std::to_string(found.size()) + " runs; give the folder of one:";
    for (const RunSummary &run : found)
        message += " " + shownPath(deleted ? run.from : run.path);
    throw UsageError(message);
}

std::vector<RunSummary> chosen(const RunsOptions &options, const std::vector<RunSummary> &runs)
{
    const bool deleted = options.restore || options.trash;
    std::vector<RunSummary> found;
    for (const std::string &given : options.runs)
        found.push_back(runCalled(given, runs, deleted));
    if (options.runs.empty())
        std::ranges::copy_if(runs, std::back_inserter(found), [&](const RunSummary &run) { return !run.from.empty() == deleted; });
    RunFilter filter;
    for (const std::string &condition : options.where)
        filter.conditions.push_back(fromCommandLine("--where", [&] { return runConditionOf(condition); }));
    if (!options.search.empty())
        filter.words.push_back(options.search);
    if (const std::string wrong = misunderstoodIn({filter.conditions, {}}, runs); !wrong.empty())
        throw UsageError("--where: " + wrong);
    std::erase_if(found, [&](const RunSummary &run) { return !filter.accepts(run); });
    return found;
}

void sortRuns(std::vector<RunSummary> &found, const RunsOptions &options, const std::vector<RunSummary> &all)
{
    const std::string key = options.sort.empty() ? "begun" : options.sort;
    if (const std::string unknown = unknownName(key, all); !unknown.empty())
        throw UsageError("--sort: " + unknown);
    const bool descending = options.descending || options.sort.empty();
    std::ranges::stable_sort(found, [&](const RunSummary &a, const RunSummary &b) {
        const RunValue left = valueOf(a, key), right = valueOf(b, key);
        const bool empty = std::holds_alternative<std::monostate>(left) || std::holds_alternative<std::monostate>(right); // those come last
        return descending && !empty ? comesBefore(right, left) : comesBefore(left, right);
    });
    if (options.limit > 0 && found.size() > size_t(options.limit))
        found.resize(size_t(options.limit));
}

/// Does to a run what is asked, and returns where it is then.
fs::path act(const RunsOptions &options, const RunStore &store, const RunSummary &run)
{
    if (options.remove && run.state == RunState::gone)
        throw UsageError("--delete " + shownPath(run.path) + ": the folder is gone; --unlist takes the run off the list");
    if (options.remove)
        return fromCommandLine([&] { return store.remove(run.path); });
    if (options.restore)
        return fromCommandLine([&] { return store.restore(run.path); });
    if (options.unlist) {
        if (run.path.parent_path() == store.runs())
            throw UsageError("--unlist " + shownPath(run.path) + ": is one of the window's own runs, which are always listed; --delete moves it to the trash");
        store.unlist(run.path);
        return {};
    }
    RunNotes notes = readNotes(run.path);
    if (options.removeNote)
        notes.note.clear();
    else if (!options.note.empty())
        notes.note = options.note;
    for (const std::string &tag : options.tags)
        fromCommandLine("--tag", [&] { addTag(notes, tag); });
    for (const std::string &tag : options.untags)
        removeTag(notes, tag);
    writeNotes(run.path, notes);
    store.list(run.path);
    return run.path;
}

void print(const std::vector<RunSummary> &found, const RunsOptions &options, size_t all)
{
    if (options.json) {
        std::cout << toJson(found).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    } else if (found.size() == 1 && options.runs.size() == 1 && !options.moves()) {
        printRun(std::cout, found.front());
    } else {
        std::vector<std::string> more;
        for (const std::string &condition : options.where)
            more.push_back(runConditionOf(condition).name);
        if (!options.sort.empty())
            more.push_back(options.sort);
        printRuns(std::cout, found, more, all);
    }
}

void unlistAndTell(const RunsOptions &options, const RunStore &store, const std::vector<RunSummary> &runs)
{
    for (const RunSummary &run : runs)
        act(options, store, run);
    const auto there = std::ranges::count_if(runs, [](const RunSummary &run) { return run.state != RunState::gone; });
    std::cout << counted(int64_t(runs.size()), "run") << " no longer listed"
              << (there == 0   ? ""
                  : there == 1 ? "; its folder stays"
                               : "; their folders stay")
              << std::endl;
}

int runs(const RunsOptions &options)
{
    if (options.acts() && options.runs.empty() && !(options.unlist && !options.where.empty())) // which leaves folders alone
        throw UsageError(std::string("which runs? name them, as in: pretext runs NAME ")
                         + (options.remove    ? "--delete"
                            : options.restore ? "--restore"
                            : options.unlist  ? "--unlist"
                                              : "--note \"the good one\""));
    const RunStore store = storeOfUser();
    RunDatabase database(store.database());
    std::vector<fs::path> now;
    if (!options.import.empty()) {
        std::error_code none;
        if (!fs::exists(options.import, none))
            throw UsageError("--import " + shownPath(options.import) + ": there is no such folder");
        now = store.import(options.import);
    }
    if (options.emptyTrash)
        store.emptyTrash();
    std::vector<RunSummary> all = sweepRuns(store, &database), found = now.empty() ? chosen(options, all) : all;
    if (options.unlist && !options.json) {
        unlistAndTell(options, store, found);
        return 0;
    }
    if (options.acts()) {
        for (const RunSummary &run : found)
            now.push_back(act(options, store, run));
        all = sweepRuns(store, &database);
    }
    if (options.acts() || !options.import.empty()) {
        found = all;
        std::erase_if(found, [&](const RunSummary &run) { return std::ranges::find(now, run.path) == now.end(); });
    }
    sortRuns(found, options, all);
    print(found, options, size_t(std::ranges::count_if(all, [&](const RunSummary &run) { return !run.from.empty() == (options.restore || options.trash); })));
    return 0;
}

void addActions(CLI::App &command, RunsOptions &options)
{
    const auto list = [](CLI::Option *option) { return option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->type_name("TAG"); };
    CLI::Option *note = command.add_option("--note", options.note, "Write this note of the runs named; it is kept in RUN/notes.json")->type_name("TEXT");
    command.add_flag("--remove-note", options.removeNote, "Remove their note")->excludes(note);
    list(command.add_option("--tag", options.tags, "Give them a tag; may be given again"));
    list(command.add_option("--untag", options.untags, "Take a tag from them; may be given again"));
    CLI::Option *remove =
        command.add_flag("--delete", options.remove, "Move them to the trash in the user's data folder, from where --restore brings them back");
    CLI::Option *restore = command.add_flag("--restore", options.restore, "Bring them back from the trash to where they were")->excludes(remove);
    command
        .add_flag("--unlist", options.unlist,
                  "List them no longer, and leave their folders alone: of runs elsewhere than in the user's data folder, or of those that --where finds")
        ->excludes(remove)
        ->excludes(restore);
    command.add_option("--import", options.import, "List the runs that a folder holds, itself or up to 4 folders below")->type_name("FOLDER");
    command.add_flag("--empty-trash", options.emptyTrash, "Delete for good what is in the trash");
}

} // namespace

CommandAction runsCommand(CLI::App &command)
{
    auto options = std::make_shared<RunsOptions>();
    command.add_option("RUN", options->runs, "Folders or names of runs (default: all)");
    command
        .add_option(
            "--where", options->where,
            "Only runs of which this holds: NAME=VALUE, or with != < <= > >=; NAME is method, data, encoder, batch, seed, state, step, loss, knn, probe, "
            "tag, parent, a knob, or a result; knn and probe as 0.8 or 80%; may be given again, and all must hold")
        ->type_name("NAME=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--search", options->search, "Only runs whose name, folder, method, data, encoder, tags or note hold this")->type_name("TEXT");
    command.add_option("--sort", options->sort, "By what else --where knows, also name, size, begun, changed (default begun, newest first)")->type_name("NAME");
    command.add_flag("--descending", options->descending, "The largest first");
    addNumber(command, "--limit", options->limit, "At most so many (default: all)", int64_t(1));
    command.add_flag("--trash", options->trash, "Of the deleted ones");
    addActions(command, *options);
    command.add_flag("--json", options->json, "As JSON, with all knobs and results (default: a table of 80 columns; of one run all that is known)");
    command.footer(
        "Listed are the window's runs and those of pretext train, wherever they are; what the list knows is read from the runs' folders, and read again\n"
        "where it is lost. State: training; paused, where a window has it open; done; stopped, by Ctrl-C or in the window; failed; killed, without a word; "
        "unreadable; gone, folder and all.\n"
        "PRETEXT_UNLISTED=1 in the environment: pretext train lists nothing.\n\n"
        "Examples:\n"
        "  pretext runs\n"
        "  pretext runs --where method=simclr --where temperature<0.2 --sort knn --descending\n"
        "  pretext runs first --note \"the one for the lecture\" --tag good\n"
        "  pretext runs --where tag=good --json\n"
        "  pretext runs first --delete\n"
        "  pretext runs first --restore\n"
        "  pretext runs --where state=gone --unlist\n"
        "  pretext runs --import /mnt/cluster/runs");
    return [options] { return runs(*options); };
}

} // namespace pretext
