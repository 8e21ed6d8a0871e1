#include "app/cli/trained.h"

#include "app/cli/cli.h"

#include <unistd.h>

#include <iostream>

namespace pretext {

std::shared_ptr<const Dataset> dataFor(const CheckpointState &state, const std::string &nameOrPath)
{
    const bool own = nameOrPath.empty() || nameOrPath == state.config.dataset;
    const DatasetOptions fitting = state.tokenizer ? DatasetOptions{} : DatasetOptions{.size = state.shape.height, .colour = state.shape.channels == 3};
    return openDataset(own ? state.config.dataset : nameOrPath, own ? state.config.datasetOptions : fitting);
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

ProgressLine::~ProgressLine()
{
    if (!m_what.empty() && isatty(STDERR_FILENO))
        std::cerr << "\r\033[K" << std::flush;
}

void requireWritable(const std::filesystem::path &path, bool force)
{
    std::error_code none;
    if (std::filesystem::exists(path, none) && !force)
        throw UsageError(path.string() + ": is there already; choose another --out, or --force to replace it");
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::is_directory(folder, none))
        throw UsageError(path.string() + ": its folder " + folder.string() + " does not exist; create it first");
    if (std::filesystem::is_directory(path, none))
        throw UsageError(path.string() + ": is a folder; --out names a file");
}

} // namespace pretext
