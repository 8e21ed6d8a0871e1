#include "core/engine/findcheckpoint.h"

#include "core/engine/rowfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <new>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

LoadedCheckpoint loadWhole(const fs::path &path)
{
    LoadedCheckpoint loaded{path, readCheckpointState(path), {}};
    loaded.model = makeModel(loaded.state.config, loaded.state.input());
    loadCheckpoint(path, loaded.model);
    return loaded;
}

/// The message without the file's name, which stands before it anyway.
std::string reasonOf(const fs::path &path, const std::string &what)
{
    const std::string name = path.string() + ": ";
    return what.starts_with(name) ? what.substr(name.size()) : what;
}

[[noreturn]] void noneIsWhole(const fs::path &run, const std::vector<DamagedCheckpoint> &damaged)
{
    throw std::runtime_error(
        run.string() + ": "
        + said("none of its %1 checkpoints is whole; the newest, %2: %3; put back a copy of one, or begin again: pretext train --config %4 --out NEW",
               {damaged.size(), damaged.front().path.filename().string(), damaged.front().why, shownPath(run / "config.json")}));
}

} // namespace

LoadedCheckpoint loadNewest(const fs::path &runOrFile, int64_t upTo)
{
    std::error_code none;
    const fs::path newest = findCheckpoint(runOrFile); // says what is wrong where there is none
    if (fs::is_regular_file(runOrFile, none))
        return loadWhole(newest);
    std::vector<DamagedCheckpoint> damaged;
    std::vector<fs::path> all = checkpointsIn(runOrFile);
    std::erase_if(all, [&](const fs::path &path) { return stepOf(path) > upTo; });
    if (all.empty())
        throw std::runtime_error(
            runOrFile.string() + ": "
            + said("no checkpoint is kept of step %1 or of one before; the first is %2", {upTo, checkpointsIn(runOrFile).front().filename().string()}));
    for (auto path = all.rbegin(); path != all.rend(); ++path) {
        try {
            LoadedCheckpoint loaded = loadWhole(*path);
            loaded.damaged = std::move(damaged);
            return loaded;
        } catch (const std::bad_alloc &) {
            throw; // not the file's fault
        } catch (const std::exception &error) {
            damaged.push_back({*path, reasonOf(*path, error.what())});
        }
    }
    noneIsWhole(runOrFile, damaged);
}

std::string passedOver(const DamagedCheckpoint &damaged, const fs::path &taken)
{
    return pretext::said("%1 was passed over: %2; %3 is taken instead", {damaged.path.string(), damaged.why, taken.filename().string()});
}

bool isWithoutCheckpoint(const fs::path &run)
{
    std::error_code none;
    return fs::is_regular_file(run / "config.json", none) && checkpointsIn(run).empty();
}

void setAside(const fs::path &checkpoint)
{
    const fs::path folder = checkpoint.parent_path() / "damaged";
    fs::create_directories(folder);
    fs::path target = folder / checkpoint.filename();
    for (int again = 2; fs::exists(target); ++again)
        target = folder / (checkpoint.stem().string() + "-" + std::to_string(again) + checkpoint.extension().string());
    fs::rename(checkpoint, target);
}

} // namespace pretext
