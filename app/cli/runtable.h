// Runs as a table that a terminal of 80 columns holds, as all that is known of one, and as JSON.
#pragma once

#include "core/engine/runsummary.h"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace pretext {

/// `more`: names of values, each a column of its own where the table has it not anyway.
void printRuns(std::ostream &out, const std::vector<RunSummary> &runs, const std::vector<std::string> &more, size_t all);
void printRun(std::ostream &out, const RunSummary &run);
nlohmann::json toJson(const std::vector<RunSummary> &runs);

} // namespace pretext
