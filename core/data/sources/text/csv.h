// Comma-separated values (RFC 4180): quoted fields may hold separators, quotes (doubled) and line ends. Tab-separated ones: one line a row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pretext {

struct CsvTable
{
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; // each as long as the header
    std::vector<std::string> skipped;           // "line 7: 3 fields, not 4"
};

/// Of a .tsv the separator is the tab, and a quote is one only where it encloses the whole of a field within its line; of a .csv it is the one of
/// , ; and tab that the first line holds most of outside quotes. Throws std::invalid_argument that says what is wrong.
enum class TableKind : uint8_t { csv, tsv };
CsvTable parseCsv(std::string_view text, TableKind kind = TableKind::csv);

} // namespace pretext
