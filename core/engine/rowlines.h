// The lines of a run folder's files of one row a line: what a row of numbers and an event look like.
#pragma once

#include "core/engine/lanes.h"

#include <string>
#include <string_view>
#include <vector>

namespace pretext {

/// Lines with their ends; the last may lack one.
std::vector<std::string> linesOf(const std::string &text);
/// Of a line of CSV, which may have its end, that of Windows too.
std::vector<std::string> cellsOf(std::string_view line);
/// step,seconds,... of metrics.csv, or step,data_ms,... of timings.csv.
bool isHeader(const std::vector<std::string> &cells);
/// An empty cell is NaN. Throws std::runtime_error, "'x' is not a number" or how many cells there are instead of `columns`.
std::vector<double> rowOf(std::string_view line, size_t columns);
/// Throws std::exception where it is none.
Event eventOf(const std::string &line);

} // namespace pretext
