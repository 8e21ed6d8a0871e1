// Files of one row a line, as a run folder keeps them: the numbers' text, and repairing what a crash left.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

/// Shortest text that reads back as the same double.
std::string numberText(double value);

/// CSV rows whose first cell exceeds `step`, and lines that are no whole rows of the header's columns, move from `from` to the end of `to` (which
/// gets the header, too, where it is new). Returns the number of rows past `step`; `noRows`, where it is given, counts the other lines moved.
/// Without a header nothing is a row. Files that need no change are left alone.
int64_t moveRowsPast(const std::filesystem::path &from, const std::filesystem::path &to, int64_t step, int64_t *noRows = nullptr);

/// The same for lines that are no events, whatever made them so. Returns them.
std::vector<std::string> moveNonEvents(const std::filesystem::path &from, const std::filesystem::path &to);

/// What is missing of one row each for the steps after `begun` to `step`, "metrics.csv lacks 30 of 100 rows: those of steps 12 to 40, 55"; empty
/// where nothing is.
struct MetricsTable;
std::string rowsMissing(const MetricsTable &table, int64_t step, int64_t begun = 0);

/// RUN/checkpoints/step-*.safetensors, oldest first.
std::vector<std::filesystem::path> checkpointsIn(const std::filesystem::path &run);
/// RUN/checkpoints/step-00000500.safetensors.
std::filesystem::path checkpointIn(const std::filesystem::path &run, int64_t step);
/// 500 of that; 0 where the name says none.
int64_t stepOf(const std::filesystem::path &checkpoint);

} // namespace pretext
