#include "app/cli/newconfig.h"

#include "app/cli/cli.h"
#include "app/cli/trained.h"

#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/data/sources/folder.h"
#include "core/engine/model.h"
#include "core/engine/partialconfig.h"
#include "core/engine/runtext.h"
#include "core/files/shownpath.h"

#include <algorithm>
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
void takeEncoderOf(const RunConfig &begun, RunConfig &config, bool told)
{
    if (begun.encoder != config.encoder)
        return;
    std::string taken;
    for (const auto &[name, value] : begun.knobs.values())
        if (name.starts_with("encoder.") && config.knobs.find(name) && config.knobs.value(name) != value) {
            config.knobs.set(name, value);
            taken += (taken.empty() ? "" : ", ") + name + " " + toText(value);
        }
    if (told && !taken.empty())
        std::cout << "the encoder is made as that of " << config.init << ": " << taken << "\n";
}

} // namespace

RunConfig configWithoutKnobs(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset, bool told)
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
    if (!dataset)
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
        takeEncoderOf(*begun, config, told);
    if (file && told)
        tellLeftOut(arguments, file->leftOut(config), config);
    return config;
}

RunConfig newConfig(const TrainArguments &arguments, std::shared_ptr<const Dataset> &dataset, bool told)
{
    RunConfig config = configWithoutKnobs(arguments, dataset, told);
    for (const auto &[knob, value] : knobsIn(arguments.knobs)) {
        fromCommandLine("--set", [&, &knob = knob, &value = value] {
            if (isOption(knob))
                throw std::invalid_argument(knob + " is no knob; give it as --" + knob + " " + value);
            requireOwnKnob(config, knob);
            config.knobs.setText(knob, value);
        });
    }
    fromCommandLine([&] {
        const DeviceScope device(deviceNamed(config.device));
        requirePrecision(config.precision);
        checkConfig(config, *dataset);
        requireViewsWithinImages(config);
    });
    if (arguments.code)
        fromCommandLine("--code", [&] {
            if (const std::string difference = differenceFromCode(*arguments.code, config, *dataset); !difference.empty())
                throw std::invalid_argument(difference + "; leave the code out to train with them as they are");
        });
    return config;
}

} // namespace pretext
