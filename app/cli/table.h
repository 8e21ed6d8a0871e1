// Text tables for a terminal, and knob declarations as a table or as JSON.
#pragma once

#include "core/knobs/knob.h"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace pretext {

/// On a terminal: of UTF-8 its code points.
size_t widthOf(const std::string &text);
/// Columns as wide as their widest cell and `atLeast`, two spaces between; the first row is the heading.
void printTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows, int indent = 0, const std::vector<size_t> &atLeast = {});
void printKnobs(std::ostream &out, const std::vector<Knob> &knobs, int indent = 2);
nlohmann::json toJson(const std::vector<Knob> &knobs);
std::string rangeText(const Knob &knob); // "0.01 .. 1, log", "on or off", "adamw, sgd"

} // namespace pretext
