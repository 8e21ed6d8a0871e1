#include "core/engine/start.h"

#include "core/engine/rowfile.h"

#include <algorithm>

namespace pretext {

namespace fs = std::filesystem;

Start startOf(const RunConfig &config)
{
    return config.init.empty() ? Start(Fresh{}) : Start(Initialised{config.init});
}

const fs::path &checkpointOf(const Start &start)
{
    static const fs::path none;
    if (const auto *resumed = std::get_if<Resumed>(&start))
        return resumed->checkpoint;
    if (const auto *forked = std::get_if<Forked>(&start))
        return forked->checkpoint;
    return none;
}

const std::vector<DamagedCheckpoint> &damagedOf(const Start &start)
{
    static const std::vector<DamagedCheckpoint> none;
    if (const auto *resumed = std::get_if<Resumed>(&start))
        return resumed->damaged;
    if (const auto *forked = std::get_if<Forked>(&start))
        return forked->damaged;
    return none;
}

const StepsAgain &againOf(const Start &start)
{
    static const StepsAgain none;
    if (const auto *resumed = std::get_if<Resumed>(&start))
        return resumed->again;
    if (const auto *forked = std::get_if<Forked>(&start))
        return forked->again;
    return none;
}

bool beginsAgain(const Start &start)
{
    return isResumed(start) && checkpointOf(start).empty();
}

Parent parentOf(const Start &start)
{
    const fs::path &checkpoint = checkpointOf(start);
    const fs::path file = fs::absolute(checkpoint).lexically_normal(), folder = file.parent_path();
    const bool ofRun = folder.filename() == "checkpoints" || folder.filename() == "faults"; // else a file that somebody shared
    return {ofRun ? folder.parent_path() : file, std::max(againOf(start).to, readCheckpointState(checkpoint).step)};
}

fs::path checkpointOf(const Parent &parent)
{
    return checkpointIn(parent.run, parent.step);
}

} // namespace pretext
