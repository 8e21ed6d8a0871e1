// A table of texts, as .csv and as .tsv.
#include "tests/fuzz/target.h"

#include "core/data/sources/text/csv.h"

namespace pretext::fuzz {

namespace {

void readTable(const char *name, std::string_view input)
{
    const Scratch scratch;
    useDataset(scratch.write(name, input).string());
}

} // namespace

void read_csv(std::string_view input)
{
    readUnderEach({"a.csv", "a.tsv"}, readTable, input);
    const CsvTable table = parseCsv(input);
    for (const std::vector<std::string> &row : table.rows)
        require(row.size() == table.header.size(), "a row of another length than the header");
}

} // namespace pretext::fuzz
