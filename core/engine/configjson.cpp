// RunConfig to JSON and back. What is read is checked: a wrong type, range or name is one line that names the field and the value.
#include "core/engine/config.h"

#include "core/data/modalitytype.h"
#include "core/files/json.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "core/nn/encoder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

using nlohmann::json;

constexpr int kConfigVersion = 1;
constexpr int kLargestImageSide = 4096; // of an image
constexpr const char *kImageRule = PRETEXT_SAID("[height, width, channels], sides from 1 to 4096 pixels and 1 or 3 channels");

[[noreturn]] void wrongType(const std::string &field, const json &value, const std::string &expected)
{
    throw std::invalid_argument("[config] " + said("%1 is %2; it must be %3", {field, excerptOf(value), expected}));
}

void read(const json &value, const std::string &field, std::string &target)
{
    if (!value.is_string())
        wrongType(field, value, said("a text"));
    target = value.get<std::string>();
}

void read(const json &value, const std::string &field, bool &target)
{
    if (!value.is_boolean())
        wrongType(field, value, said("true or false"));
    target = value.get<bool>();
}

void read(const json &value, const std::string &field, double &target)
{
    if (!value.is_number())
        wrongType(field, value, said("a number"));
    target = value.get<double>();
}

/// As 2 .. 100, of a field that is a whole number.
template<class Integer>
std::string rangeOf(const std::string &field)
{
    using Limits = std::numeric_limits<Integer>;
    const Integer least = field == "batch"                                                                                                ? 2
                          : field == "size"                                                                                               ? 4
                          : field == "image" || field == "classes" || field == "steps" || field == "threads" || field == "evaluate_every" ? 0
                                                                                                                                          : Limits::min();
    const Integer greatest = field == "size" || field == "threads" ? 1024 : field == "image" ? kLargestImageSide : Limits::max();
    return std::to_string(least) + " .. " + std::to_string(greatest);
}

template<class Integer>
requires std::is_integral_v<Integer>
void read(const json &value, const std::string &field, Integer &target)
{
    const bool fits =
        value.is_number_unsigned() ? std::in_range<Integer>(value.get<uint64_t>()) : value.is_number_integer() && std::in_range<Integer>(value.get<int64_t>());
    if (!fits)
        wrongType(field, value, pretext::said("a whole number in %1", {rangeOf<Integer>(field)}));
    target = value.get<Integer>();
}

template<class T>
void readField(const json &object, const std::string &field, T &target)
{
    if (const auto it = object.find(field); it != object.end())
        read(*it, field, target);
}

void requireObject(const json &value, const std::string &field)
{
    if (!value.is_object())
        wrongType(field, value, said("an object"));
}

void refuseUnknown(const json &object, const std::vector<std::string> &known)
{
    for (const auto &[name, value] : object.items()) {
        if (std::find(known.begin(), known.end(), name) != known.end())
            continue;
        const std::string nearest = nearestName(name, known);
        throw std::invalid_argument(
            "[config] "
            + (nearest.empty() ? said("unknown field %1", {shortened(name)}) : said("unknown field %1; did you mean %2?", {shortened(name), nearest})));
    }
}

void readImage(const json &object, ImageShape &image)
{
    const auto it = object.find("image");
    if (it == object.end())
        return;
    if (!it->is_array() || it->size() != 3)
        wrongType("image", *it, said("[height, width, channels]"));
    read((*it)[0], "image", image.height);
    read((*it)[1], "image", image.width);
    read((*it)[2], "image", image.channels);
    const bool none = image == ImageShape{0, 0, 0}; // of text
    const auto isSide = [](int side) { return side >= 1 && side <= kLargestImageSide; };
    if (!none && (!isSide(image.height) || !isSide(image.width) || (image.channels != 1 && image.channels != 3)))
        wrongType("image", *it, said(kImageRule));
}

void readPlan(const json &object, SchedulePlan &plan)
{
    const auto it = object.find("plan");
    if (it == object.end())
        return;
    if (!it->is_array())
        wrongType("plan", *it, said("a list of segments"));
    for (const json &element : *it) {
        requireObject(element, said("a segment of plan"));
        refuseUnknown(element, {"begin", "end", "from", "length"});
        ScheduleSegment &segment = plan.emplace_back();
        readField(element, "begin", segment.begin);
        readField(element, "end", segment.end);
        readField(element, "from", segment.from);
        readField(element, "length", segment.length);
    }
}

void readParent(const json &object, std::optional<Parent> &parent)
{
    const auto it = object.find("parent");
    if (it == object.end())
        return;
    requireObject(*it, "parent");
    refuseUnknown(*it, {"run", "step"});
    std::string run;
    readField(*it, "run", run);
    Parent &read = parent.emplace();
    read.run = pathAsShown(run);
    readField(*it, "step", read.step);
    if (run.empty() || read.step < 0)
        wrongType("parent", *it, said("a run and a step of it, {\"run\": FOLDER, \"step\": N}"));
}

} // namespace

KnobValue knobValueOf(const json &value, const std::string &name)
{
    if (value.is_boolean())
        return value.get<bool>();
    if (value.is_number())
        return value.get<double>();
    if (value.is_string())
        return value.get<std::string>();
    wrongType(said("knob %1", {name}), value, said("a number, a text, true or false"));
}

json toJson(const RunConfig &config)
{
    json plan = json::array();
    for (const ScheduleSegment &segment : config.plan)
        plan.push_back({{"begin", segment.begin}, {"end", segment.end}, {"from", segment.from}, {"length", segment.length}});
    json knobs = json::object();
    for (const auto &[name, value] : config.knobs.values())
        knobs[name] = std::visit([](const auto &v) { return json(v); }, value);
    json object{{"version", kConfigVersion},
                {"method", config.method},
                {"dataset", shownPath(config.dataset)},
                {"encoder", config.encoder},
                {"size", config.datasetOptions.size},
                {"colour", config.datasetOptions.colour},
                {"imbalance", config.datasetOptions.imbalance},
                {"batch", config.batch},
                {"seed", config.seed},
                {"steps", config.steps},
                {"minutes", config.minutes},
                {"threads", config.threads},
                {"device", config.device},
                {"precision", config.precision},
                {"init", shownPath(config.init)},
                {"image", {config.image.height, config.image.width, config.image.channels}},
                {"knobs", std::move(knobs)}};
    if (config.classes > 0)
        object["classes"] = config.classes;
    if (!plan.empty())
        object["plan"] = std::move(plan);
    if (config.evaluateEvery > 0)
        object["evaluate_every"] = config.evaluateEvery;
    if (config.parent)
        object["parent"] = {{"run", shownPath(config.parent->run)}, {"step", config.parent->step}};
    return object;
}

RunConfig configFromJson(const json &object, Contradictions contradictions)
{
    requireObject(object, said("the config"));
    refuseUnknown(object, {"version", "method", "dataset",   "encoder", "size",  "colour",  "imbalance", "batch", "seed",   "steps",         "minutes",
                           "threads", "device", "precision", "init",    "image", "classes", "knobs",     "plan",  "parent", "evaluate_every"});
    RunConfig config;
    config.image = {32, 32, 3};
    int version = kConfigVersion;
    readField(object, "version", version);
    if (version != kConfigVersion)
        throw std::invalid_argument("[config] " + said("version is %1; this program reads version %2", {version, kConfigVersion}));
    readField(object, "method", config.method);
    readField(object, "dataset", config.dataset);
    config.dataset = pathAsShown(config.dataset).native();
    readField(object, "encoder", config.encoder);
    readField(object, "size", config.datasetOptions.size);
    readField(object, "colour", config.datasetOptions.colour);
    readField(object, "imbalance", config.datasetOptions.imbalance);
    readField(object, "batch", config.batch);
    readField(object, "seed", config.seed);
    readField(object, "steps", config.steps);
    readField(object, "minutes", config.minutes);
    readField(object, "threads", config.threads);
    readField(object, "device", config.device);
    readField(object, "precision", config.precision);
    readField(object, "init", config.init);
    config.init = pathAsShown(config.init).native();
    readImage(object, config.image);
    readField(object, "classes", config.classes);
    readField(object, "evaluate_every", config.evaluateEvery);
    readPlan(object, config.plan);
    readParent(object, config.parent);
    checkConfig(config);
    if (modalityType(encoderType(config.encoder).modality).shaped && config.image == ImageShape{0, 0, 0})
        wrongType("image", object.at("image"), said(kImageRule));
    config.knobs = KnobSet(knobsOf(config.method, config.encoder, config.image));
    if (const auto knobs = object.find("knobs"); knobs != object.end()) {
        requireObject(*knobs, "knobs");
        for (const auto &[name, value] : knobs->items()) {
            requireOwnKnob(config, name);
            config.knobs.set(name, knobValueOf(value, name));
        }
    }
    if (contradictions == Contradictions::settle)
        config.knobs.settle();
    else
        config.knobs.requireConsistent();
    return config;
}

RunConfig loadConfig(const std::filesystem::path &path, Contradictions contradictions)
{
    const json object = readJson(path);
    try {
        return configFromJson(object, contradictions);
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(path.string() + ": " + error.what());
    }
}

} // namespace pretext
