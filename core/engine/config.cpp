// Building a config from declarations, and checking it.
#include "core/engine/config.h"

#include "core/data/modalitytype.h"
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

template<class Types>
std::string namesOf(const Types &types, Modality modality)
{
    std::string list;
    for (const auto &type : types)
        if (type.modality == modality)
            list += (list.empty() ? "" : ", ") + type.name;
    return list;
}

/// As "choose kjv, tang or a text file" would say it.
std::string otherData(Modality modality)
{
    const std::string &ofUser = modalityType(modality).ofUser;
    return namesOf(datasetTypes(), modality) + (ofUser.empty() ? "" : " or " + ofUser);
}

void requireSameKind(const MethodType &method, const EncoderType &encoder)
{
    if (method.modality != encoder.modality)
        throw std::invalid_argument("[config] " + method.name + " trains on " + toText(method.modality) + ", the encoder " + encoder.name + " reads "
                                    + toText(encoder.modality) + ": choose " + namesOf(encoderTypes(), method.modality));
    if (suits(method, encoder))
        return;
    std::string list;
    for (const EncoderType &type : encoderTypes())
        if (suits(method, type))
            list += (list.empty() ? "" : ", ") + type.name;
    throw std::invalid_argument("[config] " + method.name + " hides patches of the image, which the encoder " + encoder.name + " cannot leave out: choose "
                                + list);
}

void requireSameKind(const MethodType &method, const DatasetInfo &data)
{
    if (method.modality != data.modality)
        throw std::invalid_argument("[config] " + method.name + " trains on " + toText(method.modality) + "; " + data.name + " holds " + toText(data.modality)
                                    + ": choose " + otherData(method.modality) + ", or the method " + namesOf(methodTypes(), data.modality));
}

} // namespace

void checkConfig(const RunConfig &config)
{
    requireSameKind(methodType(config.method), encoderType(config.encoder));
    require(config.batch >= 2, "batch", std::to_string(config.batch), "it must be at least 2, since a batch of one has no negatives");
    require(config.steps >= 0, "steps", std::to_string(config.steps), "it must not be negative");
    require(config.steps == 0 || config.minutes == 0, "minutes", toText(KnobValue(config.minutes)),
            "steps is " + std::to_string(config.steps) + ", and they exclude each other; keep one");
    require(config.plan.empty() || config.steps > 0, "plan", "given", "it needs the steps that it was made for");
    checkPlan(config.plan);
    require(config.minutes >= 0 && config.minutes < 1e6, "minutes", toText(KnobValue(config.minutes)), "it must be in 0 .. 1000000");
    require(config.threads >= 0 && config.threads <= 1024, "threads", std::to_string(config.threads), "it must be in 0 .. 1024; 0 means all cores");
    require(config.datasetOptions.size >= 4 && config.datasetOptions.size <= 1024, "size", std::to_string(config.datasetOptions.size),
            "the side that images are resized to must be in 4 .. 1024 pixels");
    requireOneOf("device", config.device, {"auto", "cpu", "cuda"});
    requireOneOf("precision", config.precision, {"auto", "f32", "bf16"});
}

void checkConfig(const RunConfig &config, const Dataset &dataset)
{
    checkConfig(config);
    config.knobs.requireConsistent();
    requireSameKind(methodType(config.method), dataset.info());
    requireLearnable(methodType(config.method), dataset.info());
    const int64_t samples = dataset.size(Split::train);
    require(config.batch <= samples, "batch", std::to_string(config.batch),
            "the training split of " + dataset.info().name + " has only " + std::to_string(samples) + (samples == 1 ? " sample; " : " samples; ")
                + (samples >= 2 ? "choose a batch of at most " + std::to_string(samples) : "a batch needs at least 2, so add samples"));
    require(config.image == dataset.info().image, "image", str(config.image),
            "the images of " + dataset.info().name + " are " + str(dataset.info().image) + "; start a new run on this data set");
}

std::vector<Knob> knobsOf(const std::string &method, const std::string &encoder, ImageShape shape)
{
    std::vector<Knob> all;
    const MethodType &type = methodType(method);
    const ModalityType &kind = modalityType(type.modality);
    for (const auto &part : {type.knobs(kind.input(shape)), optimizerKnobs(), kind.knobs(shape), encoderType(encoder).knobs()})
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

RunConfig reconfigured(const RunConfig &config, const std::string &method, const std::string &encoder, const std::string &dataset, const DatasetInfo &info)
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

RunConfig recommendedConfig(const Dataset &dataset, const std::string &method, const std::string &encoder)
{
    const DatasetInfo &info = dataset.info();
    const MethodType &type = methodType(!method.empty() ? method : modalityType(info.modality).method);
    const Recipe recipe = type.recipe(info);
    const bool itsEncoder = encoder.empty() || encoder == recipe.encoder;
    RunConfig config = makeConfig(type.name, itsEncoder ? recipe.encoder : encoder, info.name, info);
    config.batch = std::min(recipe.batch, dataset.size(Split::train));
    for (const auto &[name, value] : recipe.knobs) {
        const bool ofEncoder = name == "learning_rate" || name.starts_with("encoder.");
        if (config.knobs.find(name) && (itsEncoder || !ofEncoder)) // not every augmentation is declared for every shape of images
            config.knobs.set(name, value);
    }
    return config;
}

RunConfig adapted(const RunConfig &config, const Dataset &before, const std::string &method, const std::string &encoder, const Dataset &dataset)
{
    RunConfig result = recommendedConfig(dataset, method, encoder);
    result.datasetOptions = config.datasetOptions;
    result.seed = config.seed;
    result.steps = config.steps;
    result.minutes = config.minutes;
    result.threads = config.threads;
    result.device = config.device;
    result.precision = config.precision;
    if (before.info().modality != dataset.info().modality)
        return result;
    const RunConfig begun = recommendedConfig(before, config.method, config.encoder);
    if (config.batch != begun.batch)
        result.batch = std::min(config.batch, dataset.size(Split::train));
    for (const auto &[name, value] : config.knobs.values()) {
        const bool changed = !begun.knobs.find(name) || begun.knobs.value(name) != value;
        if (changed && result.knobs.find(name))
            result.knobs.set(name, value);
    }
    return result;
}

} // namespace pretext
