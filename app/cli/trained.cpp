#include "app/cli/trained.h"

#include "app/cli/cli.h"

#include "core/analysis/features.h"
#include "core/data/modalitytype.h"
#include "core/files/regularfile.h"
#include "core/files/shownpath.h"
#include "widgets/runs/userruns.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

namespace pretext {

namespace {

/// Not only unreadable, nor a link that leads nowhere.
bool isAbsent(const std::filesystem::path &path)
{
    std::error_code error;
    return std::filesystem::symlink_status(path, error).type() == std::filesystem::file_type::not_found;
}

/// The folder of the user's run of that name; empty: there is none.
std::filesystem::path listedAs(const std::string &name)
{
    const std::optional<RunStore> store = userRunsIfAny();
    const std::vector<std::filesystem::path> folders = store ? store->folders() : std::vector<std::filesystem::path>();
    const auto found = std::ranges::find_if(folders, [&](const std::filesystem::path &folder) { return folder.filename() == name; });
    return found == folders.end() ? std::filesystem::path() : *found;
}

} // namespace

void requireRun(const std::filesystem::path &run, const std::string &option)
{
    std::error_code none;
    if (std::filesystem::exists(run, none))
        return;
    const std::filesystem::path elsewhere = listedAs(run.string());
    throw UsageError(option + (option.empty() ? "" : " ") + run.string()
                     + (elsewhere.empty() ? ": there is no such run or file; pretext runs lists those there are"
                                          : ": there is no such run or file here; the run of that name is " + shownPath(elsewhere)));
}

std::shared_ptr<const Dataset> openNamed(const std::string &nameOrPath, const DatasetOptions &options)
{
    std::error_code none;
    if (std::filesystem::exists(nameOrPath, none))
        return openDataset(nameOrPath, options);
    return fromCommandLine([&] { return openDataset(nameOrPath, options); });
}

void requireOwnData(const std::string &dataset)
{
    const std::filesystem::path file = pathAsShown(dataset.substr(0, dataset.rfind('#'))); // of "FILE.csv#COLUMN"
    if (file.is_absolute() && isAbsent(file) && isAbsent(dataset))
        throw std::runtime_error("the data of the run, " + shownPath(file) + ", are gone: put them back, or give where they are with --dataset");
}

std::shared_ptr<const Dataset> dataFor(const CheckpointState &state, const std::string &nameOrPath)
{
    if (nameOrPath.empty()) {
        requireOwnData(state.config.dataset);
        return openDataset(state.config.dataset, state.config.datasetOptions);
    }
    const Modality needed = state.prepared->modality();
    const DatasetOptions fitting = modalityType(needed).fitting(*state.prepared);
    auto dataset = openNamed(nameOrPath, nameOrPath == state.config.dataset ? state.config.datasetOptions : fitting);
    try {
        requireReadable(*state.prepared, *dataset);
    } catch (const std::invalid_argument &error) {
        throw UsageError(std::string("--dataset ") + error.what());
    }
    return dataset;
}

TrainedEncoder loadAndTell(const std::string &runOrFile)
{
    TrainedEncoder trained = loadEncoder(runOrFile);
    for (const std::string &line : trained.passedOver)
        std::cerr << line << std::endl;
    return trained;
}

LoadedEnsemble loadEnsemble(const std::vector<std::string> &runs, const std::string &joining)
{
    if (runs.size() > 1 && joining.empty())
        throw UsageError("several runs are given: say how their embeddings are joined, --ensemble average or --ensemble concatenate");
    if (runs.size() == 1 && !joining.empty())
        throw UsageError("--ensemble " + joining + ": needs at least two runs, and there is only " + runs.front());
    LoadedEnsemble loaded;
    for (const std::string &run : runs)
        requireRun(run);
    for (const std::string &run : runs)
        loaded.encoders.push_back(loadAndTell(run));
    loaded.ensemble.names = runs;
    if (!joining.empty())
        loaded.ensemble.joining = joiningNamed(joining);
    for (TrainedEncoder &encoder : loaded.encoders)
        loaded.ensemble.members.push_back(&encoder);
    fromCommandLine([&] { requireJoinable(loaded.ensemble); });
    return loaded;
}

CLI::Option *addEnsemble(CLI::App &command, std::string &joining)
{
    return command.add_option("--ensemble", joining, "How several runs' embeddings, each of unit length, are joined: their average, or one behind the other")
        ->check(CLI::IsMember(joinings()));
}

void tellCheckpoint(const TrainedEncoder &trained)
{
    std::cout << shownPath(trained.checkpoint) << ", " << trained.state.config.method << " at step " << trained.state.step << std::endl;
}

bool ProgressLine::operator()(const std::string &what, double share)
{
    static const bool terminal = isatty(STDERR_FILENO);
    const int percent = int(100 * share);
    if (what == m_what && (percent == m_percent || !terminal))
        return true;
    if (terminal)
        std::cerr << "\r\033[K" << what << " " << percent << " %" << std::flush;
    else
        std::cerr << what << std::endl;
    m_what = what;
    m_percent = percent;
    return true;
}

void ProgressLine::clear()
{
    if (!m_what.empty() && isatty(STDERR_FILENO))
        std::cerr << "\r\033[K" << std::flush;
    m_percent = -1;
}

ProgressLine::~ProgressLine()
{
    clear();
}

void requireFolderFor(const std::filesystem::path &path)
{
    std::error_code none;
    std::filesystem::path folder = std::filesystem::absolute(path, none).parent_path();
    while (folder.has_relative_path() && !std::filesystem::exists(folder, none))
        folder = folder.parent_path();
    if (!std::filesystem::is_directory(folder, none))
        throw std::runtime_error(path.string() + ": " + folder.string() + " is a file, so no folder can be made there; choose another --out");
    requireWritableFolder(path, folder);
}

void requireWritableFolder(const std::filesystem::path &path, const std::filesystem::path &folder)
{
    if (isMadeUp(folder))
        throw std::runtime_error(path.string() + ": cannot be written: " + folder.string() + " is made up by the system (/proc, /sys); choose another --out");
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throw std::runtime_error(path.string() + ": cannot be written: " + folder.string() + ": " + std::strerror(errno) + "; choose another --out");
}

namespace {

/// What a run is made of is no place for other files: as a checkpoint's name they would be taken for one.
void requireNotOfRun(const std::filesystem::path &path)
{
    const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal(), folder = whole.parent_path();
    const auto isRun = [](const std::filesystem::path &run) {
        std::error_code none;
        return std::filesystem::exists(run / "config.json", none) && std::filesystem::is_directory(run / "checkpoints", none);
    };
    const std::string name = whole.filename().string();
    const bool ofRun =
        isRun(folder)
        && (name == "config.json" || name == "events.jsonl" || name == "metrics.csv" || name == "timings.csv" || name.find(".lost.") != std::string::npos);
    if (ofRun || (folder.filename() == "checkpoints" && isRun(folder.parent_path())))
        throw UsageError(path.string() + ": is a place of the run's own files, also with --force; choose another --out");
}

} // namespace

void requireWritable(const std::filesystem::path &path, bool force)
{
    std::error_code none;
    requireNotOfRun(path);
    if (std::filesystem::is_directory(path, none) || !path.has_filename())
        throw UsageError(path.string() + ": is a folder; --out names a file");
    if (std::filesystem::exists(path, none) && !force)
        throw UsageError(path.string() + ": is there already; choose another --out, or --force to replace it");
    requireFolderFor(path);
}

void requireNewFolder(const std::filesystem::path &folder)
{
    std::error_code none;
    if (std::filesystem::exists(folder, none) && !(std::filesystem::is_directory(folder, none) && std::filesystem::is_empty(folder, none)))
        throw UsageError(folder.string() + ": is there already and is not an empty folder, and --force replaces no folder; choose another --out");
    requireFolderFor(folder);
}

} // namespace pretext
