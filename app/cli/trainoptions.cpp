#include "app/cli/trainoptions.h"

#include "app/cli/numberoption.h"
#include "core/data/longtailed.h"

#include <CLI/CLI.hpp>

namespace pretext {

void addWhatIsTrained(CLI::App &command, TrainArguments &arguments, const std::string &more)
{
    command.add_option("--method", arguments.method, "Method by name (default simclr, for text mlm); pretext methods lists them")->type_name("NAME");
    command
        .add_option(
            "--dataset", arguments.dataset,
            std::string(
                "Data set by name, or a path: a folder of images or a .zip or .tar of one, .npy, .npz, IDX or CIFAR files, a text file or a folder of them "
                "(default fashion-mnist, or shapes where "
                "that is not installed); pretext datasets lists them")
                + more)
        ->type_name("NAME-or-PATH");
    command.add_option("--encoder", arguments.encoder, "Encoder by name (default convnet, for text transformer); pretext encoders lists them")
        ->type_name("NAME");
}

void addHowItIsTrained(CLI::App &command, TrainArguments &arguments)
{
    addNumber(command, "--batch", arguments.batch, "Samples, or rows of text, in a batch; at least 2 (default 256, for text the recipe's, 32 or 64)",
              int64_t(2));
    addNumber(command, "--seed", arguments.seed, "Fixes initial weights, order of samples and augmentations (default 1)", uint64_t(0));
    addNumber(command, "--threads", arguments.threads,
              "0 .. 1024; never more than the cores or the processor quota of this process's control group; 0 means as many (default 0)", 0, 1024);
    command.add_option("--device", arguments.device, "auto, cpu or cuda (default auto)")->type_name("NAME");
    command
        .add_option("--precision", arguments.precision,
                    "auto, f32, bf16 or, on a card, tf32: of what layers multiply, and for bf16 of the maps between convolutions; auto takes bf16 where this "
                    "processor has instructions for it, AVX-512 BF16, or the card tensor cores (default auto)")
        ->type_name("NAME");
    addNumber(command, "--size", arguments.size,
              "Side in pixels that the images of a folder, or of an archive of one, are resized to, 4 .. 1024 (default 32); other data are read as they are, "
              "and refuse it",
              4, 1024);
    command.add_flag("--grey", arguments.grey, "Read the images of a folder, or of an archive of one, as grey (default: colour); other data refuse it");
    addNumber(command, "--imbalance", arguments.imbalance,
              "Makes the training split long-tailed: how many times as many samples its first class keeps as its last, up to 10000; the classes between "
              "fall exponentially (default: the data as they are)",
              1.0, kMostImbalance, "R");
    command
        .add_option("--config", arguments.config,
                    "Start from a config.json; what it leaves out is the method's recipe for the data, and other arguments override it")
        ->type_name("FILE");
    command
        .add_option("--init", arguments.init,
                    "Start from the weights of a run or a safetensors file: with the run's encoder where no other is asked for; lists what does not fit")
        ->type_name("RUN-or-FILE");
}

void addCheckpointBytes(CLI::App &command, TrainArguments &arguments)
{
    addNumber(
        command, "--checkpoint-mb", arguments.checkpointMegabytes,
        "Megabytes that the run's checkpoints may take together; of more, those go that lie closest to others, never the first, the last three and the best "
        "(default 512)",
        int64_t(0), int64_t(1) << 30);
}

void addTraining(CLI::App &command, TrainArguments &arguments)
{
    addWhatIsTrained(command, arguments, ". On --resume: where the run's own data are now");
    addNumber(command, "--steps", arguments.steps, "Steps of gradient descent, at least 1; on --resume the new planned end", int64_t(1));
    addNumber(command, "--minutes", arguments.minutes, "Instead of --steps: as many steps as fit into so many minutes, start-up included", 0.0, 1e6, "M");
    command
        .add_option("--set", arguments.knobs,
                    "Sets a knob, a switch to true or false; may be given again and again (defaults are the default session's: pretext methods)")
        ->type_name("KNOB=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    addHowItIsTrained(command, arguments);
    addNumber(command, "--evaluate-every", arguments.evaluateEvery,
              "Every so many steps and at the last one, kNN and a linear probe on held-out samples and the embedding's health, as columns of metrics.csv; less "
              "often where that would "
              "take more than 5 % of the time, which is said (default: never)",
              int64_t(1));
    command.add_option("--out", arguments.out, "Folder of the run, new or empty (default runs/DATE-METHOD)")->type_name("RUN");
    command.add_flag(
        "--resume", arguments.resume,
        "Go on with the run in --out from its newest whole checkpoint, bit for bit; --out RUN@STEP goes back to that step, and what it took since is "
        "moved aside");
    command
        .add_option("--code", arguments.code,
                    "The code of a run that was shared (pretext share): settings or data that come out otherwise than the run's are refused")
        ->type_name("CODE");
    command
        .add_option("--fork", arguments.fork,
                    "Begin another run with all that a run had at a step, any of them; equal to it bit for bit until something is changed. Without @STEP: from "
                    "its newest checkpoint")
        ->type_name("RUN@STEP");
    command
        .add_option(
            "--replay", arguments.replay,
            "Run a step of a run again and write nothing: its numbers beside those of metrics.csv and the longest gradients; of a step that was not finite the "
            "operation and the layer where that began. Without @STEP: the last that was not")
        ->type_name("RUN@STEP");
    command.add_flag("--data-changed", arguments.dataChanged,
                     "On --resume and --fork, accept data that are not those of the checkpoint (default: refuse them)");
    addCheckpointBytes(command, arguments);
    command
        .add_option("--schedule-on-resume", arguments.scheduleOnResume,
                    "What the learning rate does where --resume has other --steps: hold goes on as planned, and past the old end keeps its last rate; "
                    "rewarm warms up and falls again over the steps that are added; stretch lays the schedule over all steps, and jumps (default hold)")
        ->type_name("HOW");
    command.add_flag("--tensorboard", arguments.tensorboard,
                     "Write the columns of metrics.csv into RUN/tensorboard, too, as event files; TensorBoard shows them, of one run or of a folder of runs");
    command.add_flag(
        "--profile", arguments.profile,
        "At the end, say which operations the time went to; each of the first steps' is in the run's trace file, for Perfetto or chrome://tracing");
}

} // namespace pretext
