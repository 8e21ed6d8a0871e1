// A run folder's rows: metrics.csv and, as a second part, events.jsonl; repaired and cut at a step, which refuses nothing, and read as they were.
#include "tests/fuzz/target.h"

#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"

#include <algorithm>

namespace pretext::fuzz {

void read_rows(std::string_view input)
{
    constexpr int64_t kStep = 2;
    const Scratch scratch;
    const std::vector<std::string> parts = partsOf(input);
    const std::filesystem::path metrics = scratch.write("metrics.csv", parts[0]), lost = scratch.path() / "metrics.lost.csv";
    const std::filesystem::path events = scratch.write("events.jsonl", parts.size() > 1 ? parts[1] : "");
    moveNonEvents(events, scratch.path() / "events.lost.jsonl");
    readEvents(events); // what is left can be read, whatever it was
    int64_t noRows = 0;
    const auto moved = moveRowsPast(metrics, lost, kStep, &noRows);
    const MetricsTable kept = readMetrics(metrics);
    require(int64_t(kept.rows.size()) + moved + noRows <= int64_t(std::count(parts[0].begin(), parts[0].end(), '\n')) + 1,
            "rows came to be while they were cut at a step");
    require(moveRowsPast(metrics, lost, kStep, &noRows) == 0 && noRows == 0, "a repair that has to be repaired");
    for (const std::vector<double> &row : kept.rows)
        require(row.size() == kept.columns.size() && row[0] <= kStep, "a row of another length or step");
    readMetrics(scratch.write("metrics.csv", parts[0])); // refuses what is none, by its line
    readEvents(scratch.write("events.jsonl", parts.size() > 1 ? parts[1] : ""));
}

} // namespace pretext::fuzz
