// `pretext train`: puts a config together from the defaults, a file and the arguments, and trains it without a window.
#include "app/cli/cli.h"
#include "app/cli/newconfig.h"
#include "app/cli/numberoption.h"
#include "app/cli/progress.h"
#include "app/cli/told.h"
#include "app/cli/trained.h"
#include "app/cli/trainarguments.h"
#include "app/cli/trainoptions.h"
#include "app/cli/traingoingon.h"
#include "app/cli/trainreplay.h"

#include "core/analysis/onlineevaluation.h"
#include "core/backend/backend.h"
#include "core/engine/lengthening.h"
#include "core/engine/resuming.h"
#include "core/files/shownpath.h"
#include "core/system/threads.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <optional>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

TrainerOptions newRun(const TrainArguments &arguments)
{
    arguments.out ? requireNewRun(*arguments.out) : requireFolderFor("runs/DATE-METHOD");
    TrainerOptions options;
    options.config = newConfig(arguments, options.dataset);
    if (options.config.steps == 0 && options.config.minutes == 0)
        throw UsageError("how long? give --steps N or --minutes M, greater than 0");
    options.start = startOf(options.config);
    options.out = arguments.out ? fs::path(*arguments.out) : runNamedByDate(options.config.method);
    return options;
}

/// The others, behind the first.
void tellSkipped(const std::vector<std::string> &skipped, const fs::path &run)
{
    constexpr size_t kTold = 20;
    for (size_t i = 1; i < std::min(skipped.size(), kTold); ++i)
        std::cout << "     " << skipped[i] << "\n";
    if (skipped.size() > kTold)
        std::cout << "     and " << skipped.size() - kTold << " more; " << shownPath(run / kLeftOutFile) << " names all\n";
}

int train(const TrainArguments &arguments, const GivenOptions &given)
{
    if (arguments.replay)
        return replayAndTell(arguments, given);
    if (arguments.steps && arguments.minutes)
        throw UsageError("--steps and --minutes exclude each other; give one");
    if (arguments.fork && arguments.resume)
        throw UsageError("--fork and --resume exclude each other: --fork begins another run from a step, --resume goes on with the run itself");
    if (arguments.dataChanged && !arguments.resume && !arguments.fork)
        throw UsageError("--data-changed is for --resume and --fork; a new run takes the data as they are");
    const auto begun = std::chrono::steady_clock::now();
    Lanes lanes;
    TrainerOptions options = arguments.fork ? forkedRun(arguments) : arguments.resume ? resumedRun(arguments) : newRun(arguments);
    options.tensorboard = arguments.tensorboard;
    if (arguments.checkpointMegabytes)
        options.checkpointBytes = *arguments.checkpointMegabytes << 20;
    Device device = Device::cpu;
    fromCommandLine([&] { device = deviceNamed(options.config.device); });
    const DeviceScope scope(device);
    options.begun = begun;
    options.observer = makeOnlineEvaluation;
    if (arguments.scheduleOnResume && !arguments.resume && !arguments.fork)
        throw UsageError("--schedule-on-resume says what --resume and --fork do with the learning rate; a new run has nothing to go on with");
    if (arguments.profile)
        options.profiling = Profiling::trace;
    const DatasetInfo &data = options.dataset->info();
    std::cout << dataInWords(*options.dataset) << "\n";
    tellSkipped(data.skipped, options.out);
    RunConfig told = options.config;
    for (const auto &[knob, value] : options.knobs)
        told.knobs.set(knob, value);
    std::cout << recipeInWords(told) << "\n";
    const ThreadChoice team = chooseThreads(options.config.threads);
    std::cout << std::left << std::setw(5) << nameOf(device) << team.count << (team.count == 1 ? " thread (" : " threads (") << team.reason << "), "
              << nameOf(precisionNamed(options.config.precision)) << "\nrun  " << options.out.string() << std::endl;
    return trainAndTell(options, lanes);
}

} // namespace

CommandAction trainCommand(CLI::App &command)
{
    auto a = std::make_shared<TrainArguments>();
    const auto given = givenOptions(command);
    addTraining(command, *a);
    command.footer("Examples:\n"
                   "  pretext train --minutes 5 --out runs/first\n"
                   "  pretext train --dataset shapes --steps 500 --batch 128 --set temperature=0.1 --set crop.min_area=0.3\n"
                   "  pretext train --method mlm --dataset kjv --minutes 5\n"
                   "  pretext train --dataset ~/pictures --size 48 --minutes 10\n"
                   "  pretext train --steps 50 --profile --out runs/slow\n"
                   "  pretext train --method byol --steps 2000 --evaluate-every 100 --out runs/watched\n"
                   "  pretext train --resume --out runs/first --steps 20000\n"
                   "  pretext train --resume --out runs/first --steps 20000 --schedule-on-resume rewarm\n"
                   "  pretext train --fork runs/first@400 --set temperature=0.5 --out runs/softer\n"
                   "Ctrl-C writes a checkpoint and ends, as do a polite kill and a closed terminal; --resume goes on from there.\n"
                   "PRETEXT_MAX_BYTES in the environment, such as 8G: how much is read of compressed data (default 2G) and of a text (1G); PRETEXT_MAX_FILES,\n"
                   "how many files and folders below one (default 5000000).");
    return [a, given] { return train(*a, *given); };
}

} // namespace pretext
