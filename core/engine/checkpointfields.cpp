#include "core/engine/checkpointfields.h"

#include "core/engine/config.h"
#include "core/files/json.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <stdexcept>
#include <utility>

namespace pretext {

using nlohmann::json;

namespace {

constexpr int64_t kLargestSide = 1 << 16;

ImageShape imageOf(const json &value)
{
    demandField(value.is_array() && value.size() == 3, "image", excerptOf(value), said("it must be [height, width, channels]"));
    return {static_cast<int>(countOf(value[0], "image", kLargestSide)), static_cast<int>(countOf(value[1], "image", kLargestSide)),
            static_cast<int>(countOf(value[2], "image", 3))};
}

/// One finite number for each channel.
std::vector<float> perChannel(const json &value, const std::string &field, int channels)
{
    const std::string rule = pretext::said("it must be a list of %1 finite numbers, one for each channel of the images", {channels});
    demandField(value.is_array() && std::cmp_equal(value.size(), channels), field, excerptOf(value), rule);
    std::vector<float> numbers;
    for (const json &number : value) {
        demandField(number.is_number() && std::isfinite(number.get<float>()), field, excerptOf(value), rule);
        numbers.push_back(number.get<float>());
    }
    return numbers;
}

} // namespace

void demandField(bool fits, const std::string &field, const std::string &value, const std::string &rule)
{
    if (!fits)
        throw std::invalid_argument(said("its field %1 is %2; %3", {field, value, rule}));
}

const json &fieldOf(const json &object, const std::string &field)
{
    const auto found = object.find(field);
    if (found == object.end())
        throw std::invalid_argument(said("its field %1 is missing", {field}));
    return *found;
}

int64_t countOf(const json &value, const std::string &field, int64_t most)
{
    const bool fits = value.is_number_unsigned() && std::cmp_less_equal(value.get<uint64_t>(), most);
    demandField(fits, field, excerptOf(value), said("it must be a whole number in 0 .. %1", {most}));
    return value.get<int64_t>();
}

Preprocessing readPixelFields(const json &state, const RunConfig &config)
{
    Preprocessing pixels;
    pixels.shape = imageOf(fieldOf(state, "image"));
    const ImageShape &image = config.image;
    demandField(pixels.shape == image, "image", excerptOf(state.at("image")),
                said("its config is for %1", {json({image.height, image.width, image.channels}).dump()}));
    pixels.mean = perChannel(fieldOf(state, "mean"), "mean", pixels.shape.channels);
    pixels.deviation = perChannel(fieldOf(state, "deviation"), "deviation", pixels.shape.channels);
    for (const float deviation : pixels.deviation)
        demandField(deviation > 0, "deviation", excerptOf(state.at("deviation")), said("pixels are divided by it, so it must be greater than 0"));
    return pixels;
}

void writePixelFields(const Preprocessing &pixels, json &state)
{
    state["mean"] = pixels.mean;
    state["deviation"] = pixels.deviation;
    state["image"] = {pixels.shape.height, pixels.shape.width, pixels.shape.channels};
}

void demandImageShape(const ImageShape &shape)
{
    demandField(shape.height > 0 && shape.width > 0 && (shape.channels == 1 || shape.channels == 3), "image",
                json({shape.height, shape.width, shape.channels}).dump(), said("it must be [height, width, 1 or 3]"));
}

} // namespace pretext
