// A run folder's rows: metrics.csv and, as a second part, events.jsonl; read, cut at a step, read again.
#include "tests/fuzz/target.h"

#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"

namespace pretext::fuzz {

void read_rows(std::string_view input)
{
    constexpr int64_t kStep = 2;
    const Scratch scratch;
    const std::vector<std::string> parts = partsOf(input);
    const std::filesystem::path metrics = scratch.write("metrics.csv", parts[0]), lost = scratch.path() / "metrics.lost.csv";
    const std::filesystem::path events = scratch.write("events.jsonl", parts.size() > 1 ? parts[1] : "");
    dropTornLine(events);
    readEvents(events);
    const size_t rows = readMetrics(metrics).rows.size();
    const auto moved = static_cast<size_t>(moveRowsPast(metrics, lost, kStep));
    const MetricsTable kept = readMetrics(metrics);
    require(kept.rows.size() + moved >= rows && kept.rows.size() <= rows, "rows were lost or came to be while they were cut at a step");
    for (const std::vector<double> &row : kept.rows)
        require(row.size() == kept.columns.size() && row[0] <= kStep, "a row of another length or step");
}

} // namespace pretext::fuzz
