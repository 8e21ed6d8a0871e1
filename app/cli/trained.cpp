#include "app/cli/trained.h"

#include "app/cli/cli.h"

#include <unistd.h>

#include <iostream>

namespace pretext {

void requireRun(const std::filesystem::path &run, const std::string &option)
{
    std::error_code none;
    if (!std::filesystem::exists(run, none))
        throw UsageError(option + (option.empty() ? "" : " ") + run.string() + ": there is no such run or file; runs/ holds the runs that were not given another place");
}

std::shared_ptr<const Dataset> openNamed(const std::string &nameOrPath, const DatasetOptions &options)
{
    std::error_code none;
    if (std::filesystem::exists(nameOrPath, none))
        return openDataset(nameOrPath, options);
    return fromCommandLine([&] { return openDataset(nameOrPath, options); });
}

std::shared_ptr<const Dataset> dataFor(const CheckpointState &state, const std::string &nameOrPath)
{
    const bool own = nameOrPath.empty() || nameOrPath == state.config.dataset;
    const DatasetOptions fitting = state.tokenizer ? DatasetOptions{} : DatasetOptions{.size = state.shape.height, .colour = state.shape.channels == 3};
    return own ? openDataset(state.config.dataset, state.config.datasetOptions) : openNamed(nameOrPath, fitting);
}

TrainedEncoder loadAndTell(const std::string &runOrFile)
{
    TrainedEncoder trained = loadEncoder(runOrFile);
    for (const std::string &line : trained.passedOver)
        std::cerr << line << std::endl;
    return trained;
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

namespace {

/// Missing folders are made when there is something to write into them; not through a file.
void requireFolderFor(const std::filesystem::path &path)
{
    std::error_code none;
    std::filesystem::path folder = std::filesystem::absolute(path, none).parent_path();
    while (folder.has_relative_path() && !std::filesystem::exists(folder, none))
        folder = folder.parent_path();
    if (!std::filesystem::is_directory(folder, none))
        throw std::runtime_error(path.string() + ": " + folder.string() + " is a file, so no folder can be made there; choose another --out");
}

} // namespace

void requireWritable(const std::filesystem::path &path, bool force)
{
    std::error_code none;
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
