// Reading the fields of a checkpoint's state. Each throws std::invalid_argument naming the field, its value and the rule.
#pragma once

#include "core/data/preparedimages.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace pretext {

struct RunConfig;

void demandField(bool fits, const std::string &field, const std::string &value, const std::string &rule);
const nlohmann::json &fieldOf(const nlohmann::json &object, const std::string &field);
int64_t countOf(const nlohmann::json &value, const std::string &field, int64_t most);

/// "image", "mean" and "deviation", which every checkpoint has: of what has no shape they are empty.
Preprocessing readPixelFields(const nlohmann::json &state, const RunConfig &config);
void writePixelFields(const Preprocessing &pixels, nlohmann::json &state);
/// Refuses a shape that images cannot have.
void demandImageShape(const ImageShape &shape);

} // namespace pretext
