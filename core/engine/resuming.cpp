#include "core/engine/resuming.h"

#include "core/engine/rowfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// What a run with checkpoints cannot go on without: refused before anything is said of it.
void requireConfigOf(const fs::path &run)
{
    const std::vector<fs::path> checkpoints = checkpointsIn(run);
    if (checkpoints.empty())
        return; // said in its own words
    const fs::path path = run / "config.json";
    const auto refuse = [&](const std::string &why) {
        throw std::runtime_error(
            said("%1; put back a copy, or go on from the weights in a new run: pretext train --init %2 --out NEW", {why, shownPath(checkpoints.back())}));
    };
    std::error_code none;
    if (!fs::exists(path, none))
        refuse(path.string() + ": " + said("is missing"));
    try {
        loadConfig(path, Contradictions::settle);
    } catch (const std::exception &error) {
        refuse(error.what());
    }
}

} // namespace

Resumption resumptionOf(const fs::path &runOrCheckpoint)
{
    Resumption resumption;
    TrainerOptions &options = resumption.options;
    const bool file = fs::is_regular_file(runOrCheckpoint);
    if (file)
        findCheckpoint(runOrCheckpoint); // says what is wrong where it is none
    options.out = file ? fs::absolute(runOrCheckpoint).parent_path().parent_path() : runOrCheckpoint;
    if (const std::string writer = writerOf(options.out); !writer.empty())
        throw std::runtime_error(options.out.string() + ": " + said("is being written by %1; end that first", {writer}));
    requireConfigOf(options.out);
    if (!file && isWithoutCheckpoint(options.out)) {
        options.config = resumption.state.config = loadConfig(options.out / "config.json", Contradictions::settle);
        options.start = Resumed{};
        return resumption;
    }
    LoadedCheckpoint loaded = loadNewest(runOrCheckpoint);
    options.start = Resumed{loaded.path, std::move(loaded.damaged)};
    options.config = loaded.state.config;
    resumption.state = std::move(loaded.state);
    return resumption;
}

Resumption forkOf(const fs::path &runOrCheckpoint)
{
    LoadedCheckpoint loaded = loadNewest(runOrCheckpoint);
    Resumption resumption;
    resumption.options.start = Forked{loaded.path, std::move(loaded.damaged)};
    resumption.options.config = loaded.state.config;
    resumption.state = std::move(loaded.state);
    return resumption;
}

} // namespace pretext
