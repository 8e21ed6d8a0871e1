#include "core/engine/checkpointstate.h"

#include "core/data/tokens/tokenizer.h"
#include "core/files/json.h"
#include "core/ssl/method.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace pretext {

using nlohmann::json;

namespace {

constexpr const char *kCheckpointFormat = "pretext-checkpoint-1";
constexpr int64_t kMostSteps = int64_t(1) << 53; // what a double counts exactly
constexpr int64_t kLargestSide = 1 << 16;

void demand(bool fits, const std::string &field, const std::string &value, const std::string &rule)
{
    if (!fits)
        throw std::invalid_argument("its field " + field + " is " + value + "; " + rule);
}

const json &fieldOf(const json &object, const std::string &field)
{
    const auto found = object.find(field);
    if (found == object.end())
        throw std::invalid_argument("its field " + field + " is missing");
    return *found;
}

int64_t countOf(const json &value, const std::string &field, int64_t most)
{
    const bool fits = value.is_number_unsigned() && std::cmp_less_equal(value.get<uint64_t>(), most);
    demand(fits, field, excerptOf(value), "it must be a whole number in 0 .. " + std::to_string(most));
    return value.get<int64_t>();
}

double lossOf(const json &value)
{
    if (value.is_null())
        return std::numeric_limits<double>::infinity(); // before the first step
    demand(value.is_number() && std::isfinite(value.get<double>()), "loss", excerptOf(value), "it must be a finite number or null");
    return value.get<double>();
}

std::string textOf(const json &value, const std::string &field)
{
    demand(value.is_string(), field, excerptOf(value), "it must be a text");
    return value.get<std::string>();
}

ImageShape imageOf(const json &value)
{
    demand(value.is_array() && value.size() == 3, "image", excerptOf(value), "it must be [height, width, channels]");
    return {static_cast<int>(countOf(value[0], "image", kLargestSide)), static_cast<int>(countOf(value[1], "image", kLargestSide)),
            static_cast<int>(countOf(value[2], "image", 3))};
}

/// One finite number for each channel.
std::vector<float> perChannel(const json &value, const std::string &field, int channels)
{
    const std::string rule = "it must be a list of " + std::to_string(channels) + " finite numbers, one for each channel of the images";
    demand(value.is_array() && std::cmp_equal(value.size(), channels), field, excerptOf(value), rule);
    std::vector<float> numbers;
    for (const json &number : value) {
        demand(number.is_number() && std::isfinite(number.get<float>()), field, excerptOf(value), rule);
        numbers.push_back(number.get<float>());
    }
    return numbers;
}

void readPreprocessing(const json &text, CheckpointState &state)
{
    state.shape = imageOf(fieldOf(text, "image"));
    const ImageShape &image = state.config.image;
    demand(state.shape == image, "image", excerptOf(text.at("image")), "its config is for " + json({image.height, image.width, image.channels}).dump());
    state.mean = perChannel(fieldOf(text, "mean"), "mean", state.shape.channels);
    state.deviation = perChannel(fieldOf(text, "deviation"), "deviation", state.shape.channels);
    for (const float deviation : state.deviation)
        demand(deviation > 0, "deviation", excerptOf(text.at("deviation")), "pixels are divided by it, so it must be greater than 0");
}

/// A tokenizer belongs to text, and a shape to images.
void requireInputOfItsKind(const CheckpointState &state)
{
    const bool text = methodType(state.config.method).modality == Modality::text;
    if (text && !state.tokenizer)
        throw std::invalid_argument("it has no tokenizer, though its method " + state.config.method + " reads text");
    if (!text && state.tokenizer)
        throw std::invalid_argument("it has a tokenizer, though its method " + state.config.method + " reads images");
    const ImageShape &shape = state.shape;
    demand(text || (shape.height > 0 && shape.width > 0 && (shape.channels == 1 || shape.channels == 3)), "image",
           json({shape.height, shape.width, shape.channels}).dump(), "it must be [height, width, 1 or 3]");
}

} // namespace

std::map<std::string, std::string> checkpointMetadata(const CheckpointState &state, int64_t optimizerSteps)
{
    json text{{"step", state.step},
              {"planned_steps", state.plannedSteps},
              {"loss", state.loss}, // infinite is written as null
              {"optimizer_steps", optimizerSteps},
              {"config", toJson(state.config)},
              {"backend", state.backendChoices},
              {"mean", state.mean},
              {"deviation", state.deviation},
              {"image", {state.shape.height, state.shape.width, state.shape.channels}}};
    if (state.data.known())
        text["data"] = toJson(state.data);
    std::map<std::string, std::string> metadata{{"format", kCheckpointFormat}, {"state", text.dump(-1, ' ', false, json::error_handler_t::replace)}};
    if (state.tokenizer)
        metadata["tokenizer"] = state.tokenizer->toJson().dump(-1, ' ', false, json::error_handler_t::replace);
    return metadata;
}

CheckpointMetadata readCheckpointMetadata(const std::map<std::string, std::string> &metadata)
{
    const auto format = metadata.find("format"), written = metadata.find("state"), tokenizer = metadata.find("tokenizer");
    if (format == metadata.end() || format->second != kCheckpointFormat || written == metadata.end())
        throw std::invalid_argument(std::string("not a checkpoint of Pretext: its metadata has no format ") + kCheckpointFormat);
    const json text = parseJson(written->second);
    demand(text.is_object(), "state", excerptOf(text), "it must be an object");
    CheckpointMetadata read;
    CheckpointState &state = read.state;
    state.step = countOf(fieldOf(text, "step"), "step", kMostSteps);
    state.plannedSteps = countOf(fieldOf(text, "planned_steps"), "planned_steps", kMostSteps);
    read.optimizerSteps = countOf(fieldOf(text, "optimizer_steps"), "optimizer_steps", state.step);
    state.loss = lossOf(fieldOf(text, "loss"));
    state.config = configFromJson(fieldOf(text, "config"), Contradictions::settle);
    state.backendChoices = textOf(fieldOf(text, "backend"), "backend");
    readPreprocessing(text, state);
    if (const auto data = text.find("data"); data != text.end())
        state.data = dataMarkFromJson(*data);
    if (tokenizer != metadata.end())
        state.tokenizer = std::make_shared<const Tokenizer>(Tokenizer::fromJson(parseJson(tokenizer->second)));
    requireInputOfItsKind(state);
    return read;
}

} // namespace pretext
