// Building a config from declarations, and checking it.
#include "core/engine/config.h"

#include "core/data/longtailed.h"
#include "core/data/modalitytype.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/nn/optimizer.h"
#include "core/nn/patchencoder.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

void require(bool fits, const std::string &field, const std::string &value, const std::string &rule)
{
    if (!fits)
        throw std::invalid_argument("[config] " + said("%1 is %2; %3", {field, value, rule}));
}

void requireOneOf(const std::string &field, const std::string &value, const std::vector<std::string> &choices)
{
    if (std::find(choices.begin(), choices.end(), value) != choices.end())
        return;
    std::string list;
    for (const std::string &choice : choices)
        list += (list.empty() ? "" : ", ") + choice;
    throw std::invalid_argument("[config] " + said("%1 is '%2'; it must be one of %3", {field, value, list}));
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
std::string otherData(const std::vector<Modality> &kinds)
{
    std::string names;
    for (const Modality kind : kinds) {
        const std::string &ofUser = modalityType(kind).ofUser, named = namesOf(datasetTypes(), kind);
        names += (names.empty() || named.empty() ? "" : ", ") + (ofUser.empty() ? named : pretext::said("%1 or %2", {named, pretext::said(ofUser.c_str())}));
    }
    return names;
}

std::string namesOfEncoders(const MethodType &method)
{
    std::string list;
    for (const EncoderType &type : encoderTypes())
        if (suits(method, type))
            list += (list.empty() ? "" : ", ") + type.name;
    return list;
}

std::string namesOfMethods(const DatasetInfo &data)
{
    std::string list;
    for (const MethodType &type : methodTypes())
        if (learnsFrom(type, data))
            list += (list.empty() ? "" : ", ") + type.name;
    return list;
}

void requireSameKind(const MethodType &method, const EncoderType &encoder)
{
    const std::string names = namesOfEncoders(method);
    if (!trainsOn(method, encoder.modality))
        throw std::invalid_argument("[config] "
                                    + said("%1 trains on %2, the encoder %3 reads %4: choose %5",
                                           {method.name, kindsSaid(method), encoder.name, said(toText(encoder.modality)), names}));
    if (suits(method, encoder))
        return;
    throw std::invalid_argument(
        "[config] "
        + (method.patches
               ? said("%1 hides patches of the image, which the encoder %2 cannot leave out: choose %3, or the method simmim, which paints them over",
                      {method.name, encoder.name, names})
               : said("%1 gives the encoder views of another size than the image's, which %2 cannot read: choose %3", {method.name, encoder.name, names})));
}

void requireSameKind(const RunConfig &config, const DatasetInfo &data)
{
    const MethodType &method = methodType(config.method);
    const EncoderType &encoder = encoderType(config.encoder);
    if (!trainsOn(method, data.modality))
        throw std::invalid_argument(
            "[config] "
            + said("%1 trains on %2; %3 holds %4: choose %5, or the method %6",
                   {method.name, kindsSaid(method), data.name, said(toText(data.modality)), otherData(kindsOf(method)), namesOfMethods(data)}));
    if (encoder.modality != data.modality)
        throw std::invalid_argument("[config] "
                                    + said("the encoder %1 reads %2; %3 holds %4: choose %5, or the encoder %6",
                                           {encoder.name, said(toText(encoder.modality)), data.name, said(toText(data.modality)), otherData({encoder.modality}),
                                            namesOf(encoderTypes(), data.modality)}));
}

/// Of two that do not go together, which is refused later: the method's.
Modality kindOf(const MethodType &method, const EncoderType &encoder)
{
    return trainsOn(method, encoder.modality) ? encoder.modality : kindsOf(method).front();
}

/// An encoder of patches that do not divide the images throws, naming both; so it does here, before anything is written.
void requirePatches(const RunConfig &config)
{
    if (encoderType(config.encoder).patches && config.knobs.find("encoder.patch") && config.image.height > 0)
        patchGrid(config.image, config.knobs.integer("encoder.patch"));
}

bool isDivided(ImageShape view, int patch)
{
    return view.height >= patch && view.height % patch == 0 && view.width >= patch && view.width % patch == 0;
}

/// Views beside those of the whole size are cut into the same patches.
void requirePatches(const RunConfig &config, const ViewKind &kind)
{
    const int patch = config.knobs.integer("encoder.patch");
    const auto fits = [&](int size) { return size > 0 && isDivided(shapeOf({.name = kind.name, .size = size}, config.image), patch); };
    if (config.image.height == 0 || fits(kind.size))
        return;
    int away = 1; // the whole size fits
    while (!fits(kind.size - away) && !fits(kind.size + away))
        ++away;
    throw std::invalid_argument(
        "[config] "
        + said("small_crops.size is %1, and encoder.patch %2 does not divide such views of images of %3 x %4: choose a size that it "
               "divides, such as %5, or small_crops 0",
               {kind.size, patch, config.image.height, config.image.width, fits(kind.size - away) ? kind.size - away : kind.size + away}));
}

/// Views of several sizes need an encoder that takes them all.
void requireSizes(const RunConfig &config)
{
    const MethodType &method = methodType(config.method);
    const EncoderType &encoder = encoderType(config.encoder);
    if (encoder.anySize || config.knobs.declarations().empty())
        return;
    for (const ViewKind &kind : method.views(config.knobs)) {
        if (kind.size == 0)
            continue;
        if (encoder.patches && suits(method, encoder)) {
            requirePatches(config, kind);
            continue;
        }
        std::string list;
        for (const EncoderType &type : encoderTypes())
            if ((type.anySize || type.patches) && suits(method, type))
                list += (list.empty() ? "" : ", ") + type.name;
        throw std::invalid_argument(
            "[config] "
            + said("%1 makes views of %2 pixels beside those of the whole size, and the encoder %3 takes images of one size only: choose "
                   "%4, or small_crops 0",
                   {method.name, kind.size, config.encoder, list}));
    }
}

std::string tooFewSamples(const std::string &data, int64_t samples)
{
    if (samples >= 2)
        return pretext::said("the training split of %1 has only %2 samples; choose a batch of at most %2", {data, samples});
    return samples == 1 ? pretext::said("the training split of %1 has only 1 sample; a batch needs at least 2, so add samples", {data})
                        : pretext::said("the training split of %1 has only 0 samples; a batch needs at least 2, so add samples", {data});
}

constexpr int kMostClasses = 1 << 16;

int classesFor(const MethodType &method, const DatasetInfo &info)
{
    return method.labels && hasClasses(info) ? int(info.columns.front().classes.size()) : 0;
}

} // namespace

void checkConfig(const RunConfig &config)
{
    requireSameKind(methodType(config.method), encoderType(config.encoder));
    requirePatches(config);
    requireSizes(config);
    require(config.batch >= 2, "batch", std::to_string(config.batch), said("it must be at least 2, since a batch of one has no negatives"));
    require(config.steps >= 0, "steps", std::to_string(config.steps), said("it must not be negative"));
    require(config.steps == 0 || config.minutes == 0, "minutes", toText(KnobValue(config.minutes)),
            said("steps is %1, and they exclude each other; keep one", {config.steps}));
    require(config.plan.empty() || config.steps > 0, "plan", said("given"), said("it needs the steps that it was made for"));
    checkPlan(config.plan);
    require(config.minutes >= 0 && config.minutes < 1e6, "minutes", toText(KnobValue(config.minutes)), said("it must be in 0 .. 1000000"));
    require(config.threads >= 0 && config.threads <= 1024, "threads", std::to_string(config.threads), said("it must be in 0 .. 1024; 0 means all cores"));
    require(config.datasetOptions.size >= 4 && config.datasetOptions.size <= 1024, "size", std::to_string(config.datasetOptions.size),
            said("the side that images are resized to must be in 4 .. 1024 pixels"));
    require(config.datasetOptions.imbalance >= 1 && config.datasetOptions.imbalance <= kMostImbalance, "imbalance",
            toText(KnobValue(config.datasetOptions.imbalance)), said("it must be in 1 .. %1; 1 leaves the data as they are", {int64_t(kMostImbalance)}));
    require(config.classes >= 0 && config.classes <= kMostClasses, "classes", std::to_string(config.classes), said("it must be in 0 .. %1", {kMostClasses}));
    requireOneOf("device", config.device, {"auto", "cpu", "cuda"});
    requireOneOf("precision", config.precision, {"auto", "f32", "bf16", "tf32"});
}

void checkConfig(const RunConfig &config, const Dataset &dataset)
{
    checkConfig(config);
    config.knobs.requireConsistent();
    requireSameKind(config, dataset.info());
    requireLearnable(methodType(config.method), dataset.info());
    const int classes = classesFor(methodType(config.method), dataset.info());
    require(config.classes == 0 || config.classes == classes, "classes", std::to_string(config.classes),
            said("the labels of %1 name %2; start a new run on this data set", {dataset.info().name, classes}));
    const int64_t samples = dataset.size(Split::train);
    require(config.batch <= samples, "batch", std::to_string(config.batch), tooFewSamples(dataset.info().name, samples));
    require(config.image == dataset.info().image, "image", str(config.image),
            said("the images of %1 are %2; start a new run on this data set", {dataset.info().name, str(dataset.info().image)}));
}

void requireViewsWithinImages(const RunConfig &config)
{
    const int shorter = std::min(config.image.height, config.image.width);
    if (shorter <= 0)
        return;
    for (const ViewKind &kind : methodType(config.method).views(config.knobs))
        if (kind.size > shorter)
            throw std::invalid_argument("[config] "
                                        + said("small_crops.size is %1, and the images are %2 x %3: a small crop has at most %4 pixels a side; choose 1 to %4",
                                               {kind.size, config.image.height, config.image.width, shorter}));
}

Modality modalityOf(const RunConfig &config)
{
    return kindOf(methodType(config.method), encoderType(config.encoder));
}

std::vector<Knob> knobsOf(const std::string &method, const std::string &encoder, ImageShape shape)
{
    std::vector<Knob> all;
    const MethodType &type = methodType(method);
    const ModalityType &kind = modalityType(kindOf(type, encoderType(encoder)));
    for (const auto &part : {type.knobs(kind.input(shape)), optimizerKnobs(), kind.knobs(shape), encoderType(encoder).knobs()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

namespace {

bool declares(const std::vector<Knob> &knobs, const std::string &name)
{
    return std::ranges::find(knobs, name, &Knob::name) != knobs.end();
}

/// "byol, dino and moco".
std::string listed(const std::vector<std::string> &names)
{
    std::string text;
    for (size_t i = 0; i < names.size(); ++i)
        text = i == 0 ? names[i] : i + 1 < names.size() ? text + ", " + names[i] : pretext::said("%1 and %2", {text, names[i]});
    return text;
}

/// Whose knob it is that the run has not, in a sentence; empty where it is nobody's.
std::string ownersOf(const RunConfig &config, const std::string &knob)
{
    std::vector<std::string> methods, encoders, kinds;
    for (const MethodType &type : methodTypes())
        if (declares(type.knobs({}), knob))
            methods.push_back(type.name);
    for (const EncoderType &type : encoderTypes())
        if (declares(type.knobs(), knob))
            encoders.push_back(type.name);
    for (size_t kind = 0; kind < modalityTypes().size(); ++kind)
        if (declares(modalityTypes()[kind].knobs({32, 32, 3}), knob))
            kinds.push_back(said(toText(Modality(kind))));
    if (!methods.empty())
        return pretext::said("%1 is a knob of %2; this run's method is %3", {knob, listed(methods), config.method});
    if (!encoders.empty())
        return pretext::said("%1 is a knob of %2; this run's encoder is %3", {knob, listed(encoders), config.encoder});
    if (!kinds.empty())
        return pretext::said("%1 is a knob of %2; this run's data are %3", {knob, listed(kinds), said(toText(modalityOf(config)))});
    return {};
}

/// Of what the run has.
std::vector<std::string> namesOf(const std::vector<Knob> &knobs)
{
    std::vector<std::string> names;
    for (const Knob &knob : knobs)
        names.push_back(knob.name);
    return names;
}

} // namespace

void requireOwnKnob(const RunConfig &config, const std::string &knob)
{
    if (config.knobs.find(knob))
        return;
    if (const std::string owners = ownersOf(config, knob); !owners.empty())
        throw std::invalid_argument("[config] " + owners);
    if (!nearestName(knob, namesOf(config.knobs.declarations())).empty())
        return; // which is said where it is set
    std::vector<std::string> others;
    for (const MethodType &type : methodTypes())
        for (std::string &name : namesOf(type.knobs({})))
            others.push_back(std::move(name));
    if (const std::string nearest = nearestName(knob, others); !nearest.empty())
        throw std::invalid_argument("[config] " + said("there is no knob \"%1\"; %2", {shortened(knob), ownersOf(config, nearest)}));
}

RunConfig makeConfig(const std::string &method, const std::string &encoder, const std::string &dataset, const DatasetInfo &info)
{
    RunConfig config;
    config.method = method;
    config.encoder = encoder;
    config.dataset = dataset;
    config.image = info.image;
    config.classes = classesFor(methodType(method), info);
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
    result.classes = fresh.classes;
    result.knobs = fresh.knobs;
    for (const auto &[name, value] : config.knobs.values())
        if (result.knobs.find(name))
            result.knobs.set(name, value);
    return result;
}

} // namespace pretext
