// Text tables for a terminal, and knob declarations as a table or as JSON.
#pragma once

#include "core/engine/knob.h"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace pretext {

/// Columns as wide as their widest cell, two spaces between; the first row is the heading.
void printTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows, int indent = 0);
void printKnobs(std::ostream &out, const std::vector<Knob> &knobs, int indent = 2);
nlohmann::json toJson(const std::vector<Knob> &knobs);
std::string rangeText(const Knob &knob); // "0.01 .. 1, log", "on or off", "adamw, sgd"

} // namespace pretext
