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
/// How wide lines may be: as the terminal is, or COLUMNS says; where there is none, 80.
size_t lineWidth();
/// Words in lines of lineWidth() or one word; `indent` before all but the first.
void printWrapped(std::ostream &out, const std::string &text, int indent = 0);
/// The same, its last column wrapped to lineWidth().
void printWrappedTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows);
/// A row for each, what it does below it, no wider than lineWidth().
void printKnobs(std::ostream &out, const std::vector<Knob> &knobs, int indent = 2);
nlohmann::json toJson(const std::vector<Knob> &knobs);
nlohmann::json toJson(const Knob &knob, const KnobValue &value); // whole numbers as such
std::string rangeText(const Knob &knob);                         // "0.01 .. 1, log", "on or off", "adamw, sgd"

} // namespace pretext
