// `pretext train`: puts a config together from the defaults, a file and the arguments, and trains it without a window.
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/progress.h"
#include "app/cli/told.h"
#include "app/cli/trained.h"
#include "app/cli/trainarguments.h"
#include "app/cli/traingoingon.h"
#include "app/cli/trainreplay.h"

#include "core/analysis/onlineevaluation.h"
#include "core/backend/backend.h"
#include "core/data/longtailed.h"
#include "core/data/modalitytype.h"
#include "core/data/sources/folder.h"
#include "core/engine/lengthening.h"
#include "core/engine/partialconfig.h"
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

/// What would be passed over in silence.
void requireResizable(const TrainArguments &arguments, const Dataset &dataset)
{
    const DatasetInfo &data = dataset.info();
    if (isResized(dataset) || !(arguments.size || arguments.grey))
        return;
    const std::string option = arguments.size ? "--size" : "--grey", side = std::to_string(data.image.height) + " x " + std::to_string(data.image.width);
    throw UsageError(
        option + " is for pictures of a folder or an archive; " + data.name + " holds "
        + (modalityType(data.modality).shaped ? toText(data.modality) + (" of " + side + ", read as they are") : modalityType(data.modality).name + "s")
        + ": leave it out");
}

/// One line on what a config left to the recipe, where the command line does not say it either; the values are told with all others.
void tellLeftOut(const TrainArguments &arguments, std::vector<std::string> names, const RunConfig &config)
{
    const auto given = [&](const std::string &name) {
        const bool set = std::ranges::any_of(arguments.knobs, [&](const std::string &text) { return text.starts_with(name + "="); });
        return set || (name == "method" && arguments.method) || (name == "encoder" && arguments.encoder) || (name == "batch" && arguments.batch);
    };
    std::erase_if(names, given);
    if (names.empty())
        return;
    std::cout << *arguments.config << " leaves to " << config.method << "'s recipe for " << shownPath(config.dataset) << ": ";
    for (size_t i = 0; i < names.size(); ++i)
        std::cout << (i ? ", " : "") << names[i];
    std::cout << "\n";
}

void requireConfigFile(const std::string &path)
{
    if (!fs::exists(path))
        throw UsageError("--config " + path + ": there is no such file");
    if (fs::exists(fs::path(path) / "config.json"))
        throw UsageError("--config " + path + ": is a run; give " + (fs::path(path) / "config.json").string()
                         + " to begin with its settings, or --init to begin with its weights");
}

/// The config of the run that is begun with; none where that is a file of weights alone.
std::optional<RunConfig> configOfInit(const TrainArguments &arguments)
{
    if (!arguments.init || arguments.config)
        return {};
    try {
        return readCheckpointState(findCheckpoint(*arguments.init)).config;
    } catch (const std::exception &) {
        return {};
    }
}

/// Where the encoder is of the same kind, it is made as that of the run whose weights it begins with, which would not fit another.
void takeEncoderOf(const RunConfig &begun, RunConfig &config)
{
    if (begun.encoder != config.encoder)
        return;
    std::string taken;
    for (const auto &[name, value] : begun.knobs.values())
        if (name.starts_with("encoder.") && config.knobs.find(name) && config.knobs.value(name) != value) {
            config.knobs.set(name, value);
            taken += (taken.empty() ? "" : ", ") + name + " " + toText(value);
        }
    if (!taken.empty())
        std::cout << "the encoder is made as that of " << config.init << ": " << taken << "\n";
}

RunConfig newConfig(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset)
{
    if (arguments.config)
        requireConfigFile(*arguments.config);
    if (arguments.init) {
        requireRun(*arguments.init, "--init");
        findCheckpoint(*arguments.init); // says what is wrong before anything else is said
    }
    std::optional<PartialConfig> file;
    DatasetOptions data;
    if (arguments.config)
        data = file.emplace(*arguments.config).datasetOptions();
    take(arguments.size, data.size);
    take(arguments.imbalance, data.imbalance);
    data.colour &= !arguments.grey;
    const std::optional<std::string> named = arguments.dataset ? arguments.dataset : file ? file->dataset() : std::nullopt;
    dataset = named ? openNamed(*named, data) : fromCommandLine([&] { return openDefaultDataset(data); });
    requireResizable(arguments, *dataset);
    if (file && !arguments.dataset && !arguments.size && !arguments.grey) // else they are other images than the file means
        file->requireImagesOf(*dataset);

    const std::optional<RunConfig> begun = configOfInit(arguments);
    const std::string method = arguments.method.value_or(""), encoder = arguments.encoder.value_or(begun ? begun->encoder : "");
    RunConfig config = fromCommandLine([&] { return recommendedConfig(*dataset, method, encoder); });
    if (file)
        config = file->completed(*dataset, method, encoder);
    config.datasetOptions = data;
    if (named)
        config.dataset = arguments.dataset ? absoluteIfPath(*named) : *named;
    take(arguments.batch, config.batch);
    take(arguments.seed, config.seed);
    take(arguments.threads, config.threads);
    take(arguments.device, config.device);
    take(arguments.precision, config.precision);
    take(arguments.init, config.init);
    take(arguments.evaluateEvery, config.evaluateEvery);
    if (arguments.steps || arguments.minutes) {
        config.steps = arguments.steps.value_or(0);
        config.minutes = arguments.minutes.value_or(0);
        config.plan.clear(); // of another length
    }
    if (begun)
        takeEncoderOf(*begun, config);
    for (const auto &[knob, value] : knobsIn(arguments.knobs)) {
        fromCommandLine("--set", [&, &knob = knob, &value = value] {
            requireOwnKnob(config, knob);
            config.knobs.setText(knob, value);
        });
    }
    fromCommandLine([&] {
        checkConfig(config, *dataset);
        requireViewsWithinImages(config);
    });
    if (file)
        tellLeftOut(arguments, file->leftOut(config), config);
    return config;
}

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

int train(const TrainArguments &arguments)
{
    if (arguments.replay)
        return replayAndTell(arguments);
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
    command.add_option("--method", a->method, "Method by name (default simclr, for text mlm); pretext methods lists them")->type_name("NAME");
    command
        .add_option("--dataset", a->dataset,
                    "Data set by name, or a path: a folder of images or a .zip or .tar of one, .npy, .npz, IDX or CIFAR files, a text file or a folder of them "
                    "(default fashion-mnist, or shapes where "
                    "that is not installed); pretext datasets lists them. On --resume: where the run's own data are now")
        ->type_name("NAME-or-PATH");
    command.add_option("--encoder", a->encoder, "Encoder by name (default convnet, for text transformer); pretext encoders lists them")->type_name("NAME");
    addNumber(command, "--steps", a->steps, "Steps of gradient descent, at least 1; on --resume the new planned end", int64_t(1));
    addNumber(command, "--minutes", a->minutes, "Instead of --steps: as many steps as fit into so many minutes, start-up included", 0.0, 1e6, "M");
    addNumber(command, "--batch", a->batch, "Samples, or rows of text, in a batch; at least 2 (default 256, for text the recipe's, 32 or 64)", int64_t(2));
    addNumber(command, "--seed", a->seed, "Fixes initial weights, order of samples and augmentations (default 1)", uint64_t(0));
    addNumber(command, "--threads", a->threads,
              "0 .. 1024; never more than the cores or the processor quota of this process's control group; 0 means as many (default 0)", 0, 1024);
    command.add_option("--device", a->device, "auto, cpu or cuda (default auto)")->type_name("NAME");
    command
        .add_option("--precision", a->precision,
                    "auto, f32 or bf16: of what layers multiply, and of the maps between convolutions; auto takes bf16 where this processor has instructions "
                    "for it, AVX-512 BF16 (default auto)")
        ->type_name("NAME");
    command
        .add_option("--set", a->knobs,
                    "Sets a knob, a switch to true or false; may be given again and again (defaults are the default session's: pretext methods)")
        ->type_name("KNOB=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    addNumber(command, "--size", a->size,
              "Side in pixels that the images of a folder, or of an archive of one, are resized to, 4 .. 1024 (default 32); other data are read as they are, "
              "and refuse it",
              4, 1024);
    command.add_flag("--grey", a->grey, "Read the images of a folder, or of an archive of one, as grey (default: colour); other data refuse it");
    addNumber(command, "--imbalance", a->imbalance,
              "Makes the training split long-tailed: how many times as many samples its first class keeps as its last, up to 10000; the classes between "
              "fall exponentially (default: the data as they are)",
              1.0, kMostImbalance, "R");
    command
        .add_option("--config", a->config, "Start from a config.json; what it leaves out is the method's recipe for the data, and other arguments override it")
        ->type_name("FILE");
    command
        .add_option("--init", a->init,
                    "Start from the weights of a run or a safetensors file: with the run's encoder where no other is asked for; lists what does not fit")
        ->type_name("RUN-or-FILE");
    addNumber(command, "--evaluate-every", a->evaluateEvery,
              "Every so many steps and at the last one, kNN and a linear probe on held-out samples and the embedding's health, as columns of metrics.csv; less "
              "often where that would "
              "take more than 5 % of the time, which is said (default: never)",
              int64_t(1));
    command.add_option("--out", a->out, "Folder of the run, new or empty (default runs/DATE-METHOD)")->type_name("RUN");
    command.add_flag(
        "--resume", a->resume,
        "Go on with the run in --out from its newest whole checkpoint, bit for bit; --out RUN@STEP goes back to that step, and what it took since is "
        "moved aside");
    command
        .add_option("--fork", a->fork,
                    "Begin another run with all that a run had at a step, any of them; equal to it bit for bit until something is changed. Without @STEP: from "
                    "its newest checkpoint")
        ->type_name("RUN@STEP");
    command
        .add_option(
            "--replay", a->replay,
            "Run a step of a run again and write nothing: its numbers beside those of metrics.csv and the longest gradients; of a step that was not finite the "
            "operation and the layer where that began. Without @STEP: the last that was not")
        ->type_name("RUN@STEP");
    command.add_flag("--data-changed", a->dataChanged, "On --resume and --fork, accept data that are not those of the checkpoint (default: refuse them)");
    addNumber(
        command, "--checkpoint-mb", a->checkpointMegabytes,
        "Megabytes that the run's checkpoints may take together; of more, those go that lie closest to others, never the first, the last three and the best "
        "(default 512)",
        int64_t(0), int64_t(1) << 30);
    command
        .add_option("--schedule-on-resume", a->scheduleOnResume,
                    "What the learning rate does where --resume has other --steps: hold goes on as planned, and past the old end keeps its last rate; "
                    "rewarm warms up and falls again over the steps that are added; stretch lays the schedule over all steps, and jumps (default hold)")
        ->type_name("HOW");
    command.add_flag("--tensorboard", a->tensorboard,
                     "Write the columns of metrics.csv into RUN/tensorboard, too, as event files; TensorBoard shows them, of one run or of a folder of runs");
    command.add_flag(
        "--profile", a->profile,
        "At the end, say which operations the time went to; each of the first steps' is in the run's trace file, for Perfetto or chrome://tracing");
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
    return [a] { return train(*a); };
}

} // namespace pretext
