// Building a config from declarations, and checking it.
#include "core/engine/config.h"

#include "core/nn/optimizer.h"
#include "core/ssl/method.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

void require(bool fits, const std::string &field, const std::string &value, const std::string &rule)
{
    if (!fits)
        throw std::invalid_argument("[config] " + field + " is " + value + "; " + rule);
}

void requireOneOf(const std::string &field, const std::string &value, const std::vector<std::string> &choices)
{
    if (std::find(choices.begin(), choices.end(), value) != choices.end())
        return;
    std::string list;
    for (const std::string &choice : choices)
        list += (list.empty() ? "" : ", ") + choice;
    throw std::invalid_argument("[config] " + field + " is '" + value + "'; it must be one of " + list);
}

std::string str(ImageShape shape)
{
    return std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x " + std::to_string(shape.channels);
}

} // namespace

void checkConfig(const RunConfig &config)
{
    methodType(config.method);
    encoderType(config.encoder);
    require(config.batch >= 2, "batch", std::to_string(config.batch), "it must be at least 2, since a batch of one has no negatives");
    require(config.steps >= 0, "steps", std::to_string(config.steps), "it must not be negative");
    require(config.minutes >= 0 && config.minutes < 1e6, "minutes", toText(KnobValue(config.minutes)), "it must be in 0 .. 1000000");
    require(config.threads >= 0 && config.threads <= 1024, "threads", std::to_string(config.threads), "it must be in 0 .. 1024; 0 means all cores");
    require(config.datasetOptions.size >= 4 && config.datasetOptions.size <= 1024, "size", std::to_string(config.datasetOptions.size),
            "the side that images are resized to must be in 4 .. 1024 pixels");
    requireOneOf("device", config.device, {"auto", "cpu", "cuda"});
    requireOneOf("precision", config.precision, {"f32", "bf16"});
    require(config.precision == "f32", "precision", config.precision, "this build trains in f32 only");
}

void checkConfig(const RunConfig &config, const Dataset &dataset)
{
    checkConfig(config);
    const int64_t samples = dataset.size(Split::train);
    require(config.batch <= samples, "batch", std::to_string(config.batch),
            "the training split of " + dataset.info().name + " has only " + std::to_string(samples) + " samples; choose a smaller batch");
    require(config.image == dataset.info().image, "image", str(config.image),
            "the images of " + dataset.info().name + " are " + str(dataset.info().image) + "; start a new run on this data set");
}

std::vector<Knob> knobsOf(const std::string &method, const std::string &encoder, ImageShape shape)
{
    std::vector<Knob> all;
    for (auto part : {methodType(method).knobs(), optimizerKnobs(), augmentationKnobs(shape), encoderType(encoder).knobs()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

RunConfig makeConfig(const std::string &method, const std::string &encoder, const std::string &dataset, const DatasetInfo &info)
{
    RunConfig config;
    config.method = method;
    config.encoder = encoder;
    config.dataset = dataset;
    config.image = info.image;
    config.knobs = KnobSet(knobsOf(method, encoder, info.image));
    return config;
}

RunConfig reconfigured(const RunConfig &config, const std::string &method, const std::string &encoder, const std::string &dataset,
                       const DatasetInfo &info)
{
    RunConfig result = config;
    const RunConfig fresh = makeConfig(method, encoder, dataset, info);
    result.method = method;
    result.encoder = encoder;
    result.dataset = dataset;
    result.image = info.image;
    result.knobs = fresh.knobs;
    for (const auto &[name, value] : config.knobs.values())
        if (result.knobs.find(name))
            result.knobs.set(name, value);
    return result;
}

// Chosen for what five minutes of two cores can teach on Fashion-MNIST: a cheap stack of convolutions takes several times
// the steps of a residual network; a 2 x 2 grid of features and unmirrored views keep the layout by which clothes differ; the README has the figures.
RunConfig defaultConfig(const Dataset &dataset)
{
    RunConfig config = makeConfig("simclr", "convnet", dataset.info().name, dataset.info());
    config.batch = 256;
    config.knobs.set("temperature", 0.1);
    config.knobs.set("optimizer", std::string("adamw"));
    config.knobs.set("learning_rate", 6e-3);
    config.knobs.set("flip", false);
    config.knobs.set("encoder.width", 64.0);
    config.knobs.set("encoder.max_width", 64.0);
    config.knobs.set("encoder.stem_stride", 2.0);
    config.knobs.set("encoder.pool", 2.0);
    return config;
}

} // namespace pretext
