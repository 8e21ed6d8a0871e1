#include "core/engine/resuming.h"

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

Resumption resumptionOf(const fs::path &runOrCheckpoint)
{
    Resumption resumption;
    TrainerOptions &options = resumption.options;
    const bool file = fs::is_regular_file(runOrCheckpoint);
    options.out = file ? fs::absolute(runOrCheckpoint).parent_path().parent_path() : runOrCheckpoint;
    if (const std::string writer = writerOf(options.out); !writer.empty())
        throw std::runtime_error(options.out.string() + ": is being written by " + writer + "; end that first");
    if (!file && isWithoutCheckpoint(options.out)) {
        options.config = resumption.state.config = loadConfig(options.out / "config.json", Contradictions::settle);
        options.startAgain = true;
        return resumption;
    }
    LoadedCheckpoint loaded = loadNewest(runOrCheckpoint);
    options.resumeFrom = loaded.path;
    options.damaged = std::move(loaded.damaged);
    options.config = loaded.state.config;
    resumption.state = std::move(loaded.state);
    return resumption;
}

} // namespace pretext
